/* Reading the data, what is shown now, and small tools for elements. Texts only ever become text. */
const byId = (id) => document.getElementById(id);
let data = null;
const state = {
  view: "", gen: 0, compare: "previous", removed: true, run: 0, part: "", speaker: "", find: "",
};
const picked = {};
const MOST_MARKS = 500; /* Of a text: more are slow to draw, and nobody looks at them all. */

async function readData(element) {
  if (element.dataset.packing === "none") return JSON.parse(element.textContent);
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser cannot unpack it; use one of 2023 or later");
  }
  const letters = atob(element.textContent);
  element.textContent = "";
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function made(tag, text = "", className = "") {
  const element = document.createElement(tag);
  if (text !== "") element.textContent = text;
  if (className) element.className = className;
  return element;
}

function showFacts(list, facts) {
  list.replaceChildren(...facts.map(([name, value]) => {
    const pair = made("div"), words = made("dd", value);
    words.dir = "auto";
    pair.append(made("dt", name), words);
    return pair;
  }));
}

function fill(select, names, chosen) {
  select.replaceChildren(...names.map(([value, name]) => {
    const option = made("option", name);
    option.value = value;
    option.selected = String(value) === String(chosen);
    return option;
  }));
}

const counted = (number, thing) =>
  `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;

function pattern(words) {
  const wanted = words.trim();
  return wanted ? new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu") : null;
}

/* Puts a text into an element, what was sought in it marked. */
function write(element, text, sought) {
  let from = 0, marks = 0;
  if (sought) {
    for (const match of text.matchAll(sought)) {
      if (++marks > MOST_MARKS) break;
      element.append(text.slice(from, match.index), made("mark", match[0]));
      from = match.index + match[0].length;
    }
  }
  element.append(text.slice(from));
  return element;
}

/* The state stands behind the #, so that an address can be kept and sent. */
function readAddress() {
  const told = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of told) {
    if (FIELDS.includes(name)) {
      const place = data.names[name].indexOf(value);
      if (place >= 0) picked[name] = place;
    } else if (name === "gen" || name === "run") {
      state[name] = Math.max(0, Number.parseInt(value, 10) || 0);
    } else if (name === "removed") {
      state.removed = value !== "no";
    } else if (name in state) {
      state[name] = value;
    }
  }
}

function writeAddress() {
  const told = new URLSearchParams();
  told.set("view", state.view);
  if (state.view === "chains") {
    for (const field of FIELDS) {
      if (data.names[field].length > 1) told.set(field, data.names[field][picked[field]]);
    }
    told.set("gen", state.gen);
    if (state.compare !== "previous") told.set("compare", state.compare);
    if (!state.removed) told.set("removed", "no");
  } else if (state.view === "transcripts") {
    told.set("run", state.run);
    if (state.part) told.set("part", state.part);
    if (state.speaker) told.set("speaker", state.speaker);
  }
  if (state.find) told.set("find", state.find);
  try {
    history.replaceState(null, "", `#${told}`);
  } catch {
    /* Half surrogate pairs, or too many changes in a short time: the address stays as it was. */
  }
}
