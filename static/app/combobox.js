// Finding by typing: full pinyin, initials, a name or a code, over a select or a row of boxes that is there anyway.
// After the pattern of the ARIA practices guide (editable combobox with list autocomplete). Without scripts nothing
// is missing. An input method is left alone: while it composes, no key picks, moves or closes anything.

const MOST = 8;
const MOST_UNTYPED = 60;
const composing = (event) => event.isComposing || event.keyCode === 229;
const plain = (text) => text.toLowerCase().replace(/[\s'’]+/g, "");

function rank(entry, typed) {
  // 0 is best: the whole name, then the beginning of a spelling, then anywhere in name or spelling. -1: no hit.
  if (!typed) return 2;
  if (plain(entry.label) === typed || entry.keys.includes(typed)) return 0;
  if (entry.keys.some((key) => key.startsWith(typed))) return 1;
  return plain(entry.label).includes(typed) || entry.keys.some((key) => key.includes(typed)) ? 2 : -1;
}

function find(entries, text) {
  const typed = plain(text);
  const hits = entries.map((entry, at) => ({ entry, at, rank: rank(entry, typed) })).filter((hit) => hit.rank >= 0);
  hits.sort((a, b) => a.rank - b.rank || (a.entry.far ?? 0) - (b.entry.far ?? 0) || a.at - b.at);
  return hits.slice(0, typed ? MOST : MOST_UNTYPED).map((hit) => hit.entry);
}

const spelled = (text) => text.split(" ").filter(Boolean);

// ---- the box and its list ----

function build(host, name, labels) {
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const note = document.createElement("p");
  list.id = `${name}-list`;
  list.className = "combo-list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", labels.list);
  note.className = "visually-hidden";
  note.setAttribute("role", "status");
  Object.assign(input, { id: `${name}-search`, type: "text", autocomplete: "off", spellcheck: false });
  input.className = "form-control combo-input";
  input.dataset.for = name;
  for (const [key, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(key, value);
  const box = document.createElement("div");
  box.className = "combo";
  box.append(input, list, note);
  host.append(box);
  return { input, list, note, box };
}

function combobox(parts, { entries, pick, left, none }) {
  const { input, list, note } = parts;
  let shown = [];
  let active = -1;

  function mark(at) {
    active = at;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    const current = list.children[at];
    if (current) {
      input.setAttribute("aria-activedescendant", current.id);
      current.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function open(text) {
    shown = find(entries(), text);
    list.replaceChildren(
      ...shown.map((entry, at) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${at}`;
        item.setAttribute("role", "option");
        item.textContent = entry.label;
        if (entry.of) item.append(Object.assign(document.createElement("small"), { textContent: entry.of }));
        return item;
      }),
    );
    list.hidden = !shown.length;
    input.setAttribute("aria-expanded", String(shown.length > 0));
    note.textContent = text && !shown.length ? none : "";
    mark(text && shown.length ? 0 : -1);
  }

  function choose(at) {
    const entry = shown[at];
    if (!entry) return;
    pick(entry);
    close();
  }

  const moves = {
    ArrowDown: () => (list.hidden ? open("") : mark((active + 1) % shown.length)),
    ArrowUp: () => (list.hidden ? open("") : mark((active - 1 + shown.length) % shown.length)),
    Enter: () => list.hidden || choose(active),
    Escape: () => close(),
  };
  input.addEventListener("keydown", (event) => {
    if (composing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    const move = moves[event.key];
    if (!move) return;
    if (event.key === "Escape" && list.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  });
  input.addEventListener("input", (event) => event.isComposing || open(input.value));
  input.addEventListener("compositionend", () => open(input.value));
  input.addEventListener("click", () => list.hidden && open(""));
  input.addEventListener("blur", () => {
    close();
    left?.();
  });
  // A press on the list must not take the focus away first.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) choose([...list.children].indexOf(item));
  });
  return { close };
}

// ---- over a select: one of many ----

let areas;
const initials = (syllables) => syllables.map((each) => each[0]).join("");

function listed(select) {
  return [...select.options].filter((option) => option.value).map((option) => ({
    value: option.value, label: option.label, keys: [option.value],
  }));
}

// The nearer to the present place, the earlier; of two as near, the larger one.
const far = (code, here) => (code.slice(0, 4) === here.slice(0, 4) ? 0 : code.slice(0, 2) === here.slice(0, 2) ? 3 : 6);

function located(found, select, here) {
  const entries = Object.entries(found).map(([code, [name, pinyin]]) => {
    const syllables = spelled(pinyin);
    const province = found[`${code.slice(0, 2)}0000`]?.[0] ?? "";
    const city = code.endsWith("00") ? "" : (found[`${code.slice(0, 4)}00`]?.[0] ?? "");
    const depth = code.endsWith("0000") ? 0 : code.endsWith("00") ? 1 : 2;
    return { value: code, label: name, of: depth ? `${province}${city}` : "", keys: [syllables.join(""), initials(syllables), code], far: far(code, here) + depth };
  });
  // Without a place in the list of the standard: unknown, and what was registered before.
  const others = listed(select).filter((entry) => !(entry.value in found));
  return [...others, ...entries];
}

function overSelect(select) {
  const label = document.querySelector(`label[for="${select.id}"]`);
  const parts = build(select.parentElement, select.id, { list: label.textContent.trim() });
  const { input, box } = parts;
  const here = select.value;
  select.before(box);
  label.htmlFor = input.id;
  for (const name of ["aria-required", "aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  select.classList.add("visually-hidden");
  select.tabIndex = -1;
  select.setAttribute("aria-hidden", "true");
  const show = () => {
    input.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].label.trim() : "";
  };
  combobox(parts, {
    entries: () => (areas ? located(areas, select, here) : listed(select)),
    none: select.dataset.none,
    left: show,
    pick(entry) {
      if (![...select.options].some((option) => option.value === entry.value)) {
        select.add(new Option(`${entry.label}`, entry.value));
      }
      select.value = entry.value;
      select.dataset.touched = "yes";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
  select.addEventListener("change", show);
  select.addEventListener("focus", () => input.focus());
  input.addEventListener("focus", () => input.select());
  input.addEventListener("focus", async () => {
    try {
      areas ??= await (await fetch(select.dataset.combobox)).json();
    } catch {
      areas = undefined;
    }
  });
  show();
}

// ---- over a row of boxes: some of many ----

function overBoxes(group) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const parts = build(group, group.id || boxes[0].name, { list: group.dataset.combobox });
  const { input, note } = parts;
  input.setAttribute("aria-label", group.dataset.combobox);
  input.placeholder = group.dataset.hint;
  group.querySelector(".chips-note")?.before(parts.box);
  const more = group.querySelector(".chips-more");
  if (more) more.classList.add("searched");
  const chip = (box) => box.closest(".chip");
  const bring = (box) => more?.contains(box) && box.checked && more.before(chip(box));
  const entries = () =>
    boxes.filter((box) => !box.checked).map((box) => ({
      box, label: chip(box).textContent.trim(), keys: spelled(box.dataset.find ?? ""),
    }));
  combobox(parts, {
    entries,
    none: group.dataset.none,
    pick({ box }) {
      if (box.disabled) {
        note.textContent = "";
        note.textContent = group.dataset.full;
        return;
      }
      box.click();
      bring(box);
      input.value = "";
    },
  });
  boxes.forEach(bring);
}

// ---- a list that gets shorter while one types ----

function overList(host) {
  const items = [...document.getElementById(host.dataset.filter).querySelectorAll("[data-find]")];
  const box = host.querySelector("input");
  const note = host.querySelector("[role=status]");
  const entries = items.map((item) => ({ item, label: item.textContent, keys: spelled(item.dataset.find) }));
  const update = () => {
    const typed = plain(box.value);
    let hits = 0;
    for (const entry of entries) {
      const isHit = rank(entry, typed) >= 0;
      entry.item.hidden = !isHit;
      hits += isHit;
    }
    note.textContent = hits ? "" : note.dataset.none;
  };
  host.hidden = false;
  box.addEventListener("input", (event) => event.isComposing || update());
  box.addEventListener("compositionend", update);
}

for (const host of document.querySelectorAll("[data-filter]")) overList(host);
for (const select of document.querySelectorAll("select[data-combobox]")) overSelect(select);
for (const group of document.querySelectorAll(".chips[data-combobox]")) overBoxes(group);
