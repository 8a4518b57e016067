/* Begins, and hears the keyboard. */
const VIEWS = ["chains", "transcripts", "figures"];

function show() {
  const views = VIEWS.filter((view) => data[view].length);
  if (!views.includes(state.view)) state.view = views[0] ?? "";
  byId("views").hidden = views.length < 2;
  for (const view of VIEWS) byId(view).hidden = view !== state.view;
  for (const button of byId("views").children) {
    button.hidden = !views.includes(button.dataset.view);
    if (button.dataset.view === state.view) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  byId("compare").value = state.compare;
  byId("removed").checked = state.removed;
  byId("chain-find").value = byId("transcript-find").value = state.find;
  if (state.view === "chains") showChain();
  if (state.view === "transcripts") showRun();
  if (state.view === "figures") showFigures();
}

/* What was asked of whom; a single condition needs no heading. */
function showConditions() {
  byId("conditions").hidden = !data.conditions.length;
  byId("conditions-told").append(...data.conditions.flatMap(([name, facts, texts]) => {
    const list = made("dl", "", "facts");
    showFacts(list, facts);
    const words = texts.flatMap(([title, number]) => {
      const text = made("div", data.texts[number], "text"), heading = made("p", title);
      text.dir = "auto";
      return [heading, text];
    });
    return [...(data.conditions.length > 1 ? [made("h2", name)] : []), list, ...words];
  }));
}

function press(event) {
  const typing = event.target.matches?.("input, select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const chains = state.view === "chains";
  const moves = {
    ArrowLeft: () => (chains ? go(state.gen - 1) : goPart(-1)),
    ArrowRight: () => (chains ? go(state.gen + 1) : goPart(1)),
    ...(chains ? { Home: () => go(0), End: () => go(chain.texts.length - 1) } : {}),
    "/": () => byId(chains ? "chain-find" : "transcript-find").focus(),
  };
  if (!state.view || state.view === "figures" || !Object.hasOwn(moves, event.key)) return;
  event.preventDefault();
  moves[event.key]();
}

async function start() {
  try {
    data = await readData(byId("data"));
  } catch (error) {
    byId("problem").textContent = `The data of this report cannot be read: ${error.message}.`;
    byId("problem").hidden = false;
    return;
  }
  byId("title").textContent = data.title;
  showFacts(byId("facts"), data.facts);
  byId("remarks").append(...data.remarks.map((remark) => made("li", remark)));
  showConditions();
  for (const form of document.forms) {
    form.addEventListener("submit", (event) => event.preventDefault());
  }
  for (const button of byId("views").children) {
    button.addEventListener("click", () => {
      state.view = button.dataset.view;
      show();
      writeAddress();
    });
  }
  startChains();
  startTranscripts();
  readAddress();
  show();
  addEventListener("hashchange", () => {
    readAddress();
    show();
  });
  document.addEventListener("keydown", press);
  document.documentElement.dataset.ready = "yes";
}

start();
