/* Figures as they were drawn, unpacked when somebody first comes to see them. */
const SHRUNK = 0.72; /* Of its size: a figure that does not fit is shrunk so far, then moved sideways. */
const FEW = 3; /* Figures from which on there are contents. */
let areFiguresShown = false;

async function showFigures() {
  if (areFiguresShown) return;
  areFiguresShown = true;
  const box = byId("figures"), element = byId("drawings");
  let drawings = [];
  try {
    drawings = await readData(element);
  } catch (error) {
    box.append(made("p", `The figures cannot be read: ${error.message}.`, "problem"));
    return;
  }
  element.remove();
  const contents = made("nav", "", "contents");
  contents.setAttribute("aria-label", "Figures");
  contents.hidden = data.figures.length < FEW;
  box.append(contents);
  data.figures.forEach(([name, title, meaning], number) => {
    const figure = made("figure"), caption = made("figcaption"), frame = made("div", "", "drawing");
    caption.append(made("h2", title), made("p", meaning));
    figure.id = `figure-${name}`;
    const svg = new DOMParser().parseFromString(drawings[number], "image/svg+xml").documentElement;
    frame.tabIndex = 0; /* So that the keyboard can move it sideways. */
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", title);
    const inPage = frame.appendChild(document.importNode(svg, true));
    inPage.style.maxWidth = `max(100%, ${SHRUNK * Number(svg.getAttribute("width"))}px)`;
    figure.append(caption, frame);
    box.append(figure);
    const button = made("button", title);
    button.type = "button";
    button.addEventListener("click", () => figure.scrollIntoView());
    contents.append(button);
  });
  box.dataset.ready = "yes";
}
