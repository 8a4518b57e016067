/* Chains: what is picked, the text of a generation, its differences, and the curves. */
const FIELDS = ["model", "task", "temperature", "text", "seed", "agent", "source"];
const LABELS = {
  model: "Model", task: "Task", temperature: "Temperature", text: "Text", seed: "Seed",
  agent: "Agent", source: "Run",
};
const ALWAYS = ["model", "task", "text", "seed"];
let chain = null;

function pickChain() {
  let left = data.chains;
  const form = byId("chain-picks");
  form.replaceChildren();
  FIELDS.forEach((field, number) => {
    const values = [...new Set(left.map((one) => one.picks[number]))];
    if (!values.includes(picked[field])) picked[field] = values[0];
    left = left.filter((one) => one.picks[number] === picked[field]);
    if (values.length < 2 && !ALWAYS.includes(field)) return;
    const label = made("label", LABELS[field]), select = made("select");
    select.id = `pick-${field}`;
    select.disabled = values.length < 2;
    fill(select, values.map((value) => [value, data.names[field][value]]), picked[field]);
    select.addEventListener("change", () => {
      picked[field] = Number(select.value);
      showChain();
      byId(select.id)?.focus();
      writeAddress();
    });
    label.append(select);
    form.append(label);
  });
  chain = left[0];
}

function showChain() {
  pickChain();
  showGeneration();
}

function go(gen) {
  state.gen = Math.min(Math.max(0, gen), chain.texts.length - 1);
  showGeneration();
  writeAddress();
}

function showGeneration() {
  const last = chain.texts.length - 1;
  state.gen = Math.min(state.gen, last);
  const slider = byId("generation");
  slider.max = last;
  slider.value = state.gen;
  slider.setAttribute("aria-valuetext", state.gen ? `generation ${state.gen}` : "initial text");
  byId("first").disabled = byId("previous").disabled = state.gen === 0;
  byId("last").disabled = byId("next").disabled = state.gen === last;
  byId("place").textContent =
    state.gen ? `Generation ${state.gen} of ${last}` : `Initial text, then ${last}`;
  showText();
  showCurves();
}

function showText() {
  const number = chain.texts[state.gen], text = data.texts[number], box = byId("text");
  const sought = pattern(state.find), notes = [counted([...text].length, "character")];
  const other = state.gen === 0 || state.compare === "none" ? null
    : data.texts[chain.texts[state.compare === "initial" ? 0 : state.gen - 1]];
  box.replaceChildren();
  box.classList.toggle("without-removed", !state.removed);
  if (other === null || other === text) {
    write(box, text, sought);
    if (other !== null) notes.push(`same as the ${state.compare} text`);
  } else {
    const found = differences(other, text);
    for (const [tag, said] of found.stretches) {
      const end = tag ? said.trimEnd().length : said.length;
      write(tag ? box.appendChild(made(tag)) : box, said.slice(0, end), sought);
      /* White space that is gone goes with its words where they are not shown. */
      box.append(tag === "del" ? made("span", said.slice(end), "gap") : said.slice(end));
    }
    notes.push(found.added || found.removed
      ? `${counted(found.added, "word")} new, ${counted(found.removed, "word")} removed`
      : "only white space differs");
  }
  const earlier = chain.texts.indexOf(number);
  if (earlier < state.gen && !(state.gen - earlier === 1 && other === text)) {
    notes.push(earlier ? `word for word the text of generation ${earlier}` : "the initial text again");
  }
  const last = chain.texts.length - 1;
  if (chain.expected !== null && last < chain.expected) {
    notes.push(`this chain stopped half way, after ${last} of ${counted(chain.expected, "generation")}`);
  }
  byId("changes").textContent = `${notes.join("; ")}.`;
}

function showCurves() {
  const sameOf = (fields) => {
    const numbers = fields.map((field) => FIELDS.indexOf(field));
    return data.chains.filter((one) =>
      numbers.every((number) => one.picks[number] === chain.picks[number]));
  };
  const seeds = sameOf(["model", "task", "temperature", "text", "agent"]);
  const compared = sameOf(["task", "text"]);
  const box = byId("curves");
  box.replaceChildren(...data.measures.map((measure, number) => curve(
    measure, chain.values[number], seeds.map((one) => one.values[number]),
    compared.map((one) => one.values[number]), state.gen, go,
  )));
  if (data.measures.length) {
    box.append(made("p", seeds.length > 1
      ? `Strong: this chain. Faint: the other ${seeds.length > 2 ? `${seeds.length - 1} chains` : "one"} of the same text. `
        + "Dashed: the mean of them all. A click goes to a generation."
      : "A click goes to a generation.", "legend"));
  }
}

/* Goes to the next text, of this chain or another one, that has what is sought. */
function findInChains(forward) {
  const sought = pattern(state.find), told = byId("chain-found");
  told.textContent = "";
  if (!sought) return showText();
  const has = data.texts.map((text) => text.search(sought) >= 0);
  let places = 0, before = 0, target = null, first = null, end = null, previous = null;
  const here = data.chains.indexOf(chain);
  data.chains.forEach((one, row) => one.texts.forEach((number, gen) => {
    if (!has[number]) return;
    places++;
    const behind = row > here || (row === here && gen > state.gen);
    const ahead = row < here || (row === here && gen < state.gen);
    first ??= [one, gen, places];
    end = [one, gen, places];
    if (behind && target === null) target = [one, gen, places];
    if (ahead) previous = [one, gen, places];
    if (!behind && !ahead) before = places;
  }));
  const found = (forward ? target ?? first : previous ?? end);
  if (!found) {
    told.textContent = "nowhere";
    return showText();
  }
  FIELDS.forEach((field, number) => { picked[field] = found[0].picks[number]; });
  state.gen = found[1];
  showChain();
  writeAddress();
  told.textContent = `${found[2].toLocaleString("en")} of ${counted(places, "text")}`;
}

function startChains() {
  byId("first").addEventListener("click", () => go(0));
  byId("previous").addEventListener("click", () => go(state.gen - 1));
  byId("next").addEventListener("click", () => go(state.gen + 1));
  byId("last").addEventListener("click", () => go(chain.texts.length - 1));
  byId("generation").addEventListener("input", (event) => go(Number(event.target.value)));
  byId("compare").addEventListener("change", (event) => {
    state.compare = event.target.value;
    go(state.gen);
  });
  byId("removed").addEventListener("change", (event) => {
    state.removed = event.target.checked;
    go(state.gen);
  });
  const find = byId("chain-find");
  find.addEventListener("input", () => {
    state.find = find.value;
    byId("chain-found").textContent = "";
    go(state.gen);
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") findInChains(!event.shiftKey);
  });
}
