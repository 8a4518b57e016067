/* Transcripts: a run, a part of it, a speaker, and what is sought. */
const MANY = 400;

function showRun() {
  state.run = Math.min(state.run, data.transcripts.length - 1);
  const run = data.transcripts[state.run];
  fill(byId("run"), data.transcripts.map((one, place) => [place, one.name]), state.run);
  const parts = [...new Set(run.messages.map((message) => message[1]))].filter(Boolean);
  const names = [...new Set(run.messages.map((message) => message[0]))];
  if (state.part !== "all" && !parts.includes(state.part)) {
    state.part = run.messages.length > MANY && parts.length > 1 ? parts[0] : "all";
  }
  if (!names.includes(state.speaker)) state.speaker = "";
  fill(byId("part"), [["all", "all"], ...parts.map((part) => [part, part])], state.part);
  fill(byId("speaker"), [["", "all"], ...names.map((name) => [name, name])], state.speaker);
  const at = parts.indexOf(state.part);
  byId("part-previous").disabled = at <= 0;
  byId("part-next").disabled = at === parts.length - 1;
  const unheard = run.unheard ? [["Left out", `${counted(run.unheard, "step")} that nobody hears`]] : [];
  showFacts(byId("run-facts"), [...run.facts, ...unheard]);
  byId("speakers").replaceChildren(...run.speakers.flatMap(([name, role, model, prompt]) => {
    const title = made("p"), text = data.texts[prompt];
    title.append(made("b", name), ` ${role === name ? "" : `(${role}) `}${model}`);
    const words = made("div", text, "text");
    words.dir = "auto";
    return text ? [title, words] : [title];
  }));
  byId("cast").hidden = !run.speakers.length;
  showMessages(run, names);
}

function showMessages(run, names) {
  const sought = pattern(state.find), elements = [];
  let shown = 0, part = null;
  run.messages.forEach(([speaker, where, number, notes, isAside], place) => {
    if (state.part !== "all" && where !== state.part) return;
    if (state.speaker && speaker !== state.speaker) return;
    const text = data.texts[number];
    if (sought && text.search(sought) < 0) return;
    shown++;
    if (where && where !== part) elements.push(made("h2", where));
    part = where;
    const colour = `speaker-${names.indexOf(speaker) % 6}`;
    const message = made("article", "", `message ${colour}${isAside ? " aside" : ""}`);
    const head = made("header"), name = made("b", speaker);
    name.dir = "auto";
    head.append(name, made("span", `#${place + 1}`));
    if (notes.length) head.append(made("span", notes.join(", ")));
    const words = made("div", "", "text");
    words.dir = "auto";
    message.append(head, write(words, text, sought));
    elements.push(message);
  });
  byId("messages").replaceChildren(...elements);
  byId("transcript-found").textContent =
    `${shown.toLocaleString("en")} of ${counted(run.messages.length, "message")}`;
}

function goPart(by) {
  const options = [...byId("part").options].map((option) => option.value);
  const at = options.indexOf(state.part) + by;
  if (at < 0 || at >= options.length) return;
  state.part = options[at];
  showRun();
  writeAddress();
}

function startTranscripts() {
  const listen = (id, event, name, read) => byId(id).addEventListener(event, (happened) => {
    state[name] = read(happened.target.value);
    if (name === "run") state.part = state.speaker = "";
    showRun();
    writeAddress();
  });
  listen("run", "change", "run", Number);
  listen("part", "change", "part", String);
  listen("speaker", "change", "speaker", String);
  listen("transcript-find", "input", "find", String);
  byId("part-previous").addEventListener("click", () => goPart(-1));
  byId("part-next").addEventListener("click", () => goPart(1));
}
