// The call screen: everything can be done from the keyboard. Without scripts the form works too.

const form = document.querySelector("[data-call]");
const AFTER_KEY = 800;
const TOPICS = 3;
const ALONE = new Set(["none", "unknown"]);

const composing = (event) => event.isComposing || event.keyCode === 229;

// ---- choosing ----

const groups = [...form.querySelectorAll("[data-choices]")];
const visible = (element) => element.offsetParent !== null;
const inputs = (group) => [...group.querySelectorAll(".chip-input")].filter((input) => visible(input.closest(".chip")));

function rove(group, current) {
  // One stop for the Tab key in each row of boxes, as a row of radio buttons has: arrows move inside.
  for (const input of group.querySelectorAll(".chip-input")) input.tabIndex = input === current ? 0 : -1;
}

function pick(group, input) {
  input.focus();
  input.click();
  if (group.dataset.choices === "checkbox") rove(group, input);
}

function nth(group, digit) {
  const options = inputs(group);
  if (group.closest(".field-scale")) return options[digit];
  return digit === 0 ? undefined : options[digit - 1];
}

for (const group of groups) {
  if (group.dataset.choices === "checkbox") {
    rove(group, group.querySelector(".chip-input:checked") ?? group.querySelector(".chip-input"));
    group.addEventListener("focusin", (event) => event.target.matches(".chip-input") && rove(group, event.target));
  }
  group.addEventListener("keydown", (event) => {
    if (composing(event) || event.ctrlKey || event.altKey || event.metaKey || !event.target.matches(".chip-input")) return;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit !== undefined) {
      const input = nth(group, Number(digit));
      if (input && !input.disabled) pick(group, input);
      event.preventDefault();
    } else if (group.dataset.choices === "checkbox") {
      step(group, event);
    }
  });
}

function step(group, event) {
  const options = inputs(group).filter((input) => !input.disabled);
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const at = options.indexOf(event.target);
  const to = { Home: 0, End: options.length - 1 }[event.key] ?? (by && (at + by + options.length) % options.length);
  if (to === undefined) return;
  options[to].focus();
  event.preventDefault();
}

const named = (name) => [...form.querySelectorAll(`input[name="${name}"]`)];
const value = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;

function keepSense(target) {
  if (target.name === "population" && target.checked) {
    // None and unknown stand alone; whichever was pressed last is meant.
    for (const input of named("population")) {
      if (input !== target && (ALONE.has(target.value) || ALONE.has(input.value))) input.checked = false;
    }
  }
  if (target.name === "topics") limitTopics();
}

function limitTopics() {
  const full = named("topics").filter((input) => input.checked).length >= TOPICS;
  for (const input of named("topics")) input.disabled = full && !input.checked;
  const note = form.querySelector("[data-limit]");
  if (note && note.textContent !== note.dataset[full ? "full" : "limit"]) note.textContent = note.dataset[full ? "full" : "limit"];
}

// ---- going about ----

const sections = ["section-1", "section-2", "section-3", "section-4", "section-5", "section-6"];

function jump(number) {
  const section = document.getElementById(sections[number - 1]);
  if (!section || !visible(section)) return;
  if (section.matches("details")) section.open = true;
  const target = [...section.querySelectorAll("input:not([type=hidden]), select, textarea")].find(
    (control) => visible(control.closest(".chip") ?? control) && !control.disabled && control.tabIndex >= 0,
  );
  const checked = target?.type === "radio" ? (section.querySelector(`input[name="${target.name}"]:checked`) ?? target) : target;
  checked?.focus();
}

document.addEventListener("keydown", (event) => {
  if (composing(event)) return;
  if (event.code === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=finish]"));
  } else if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-6]$/.test(event.code)) {
    event.preventDefault();
    jump(Number(event.code.at(-1)));
  }
});

// Enter in a line of text must not send a record that is half written; only the buttons and Ctrl+Enter do.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input:not([type=submit])") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
  }
});

// The panels beside the form: one at a time, chosen from a row of tabs that is one stop for the Tab key.
const panels = document.querySelector("[data-panels]");
const tabs = [...panels.querySelectorAll("[data-panel]")].map((panel) => {
  const tab = document.createElement("button");
  const title = panel.querySelector("h2");
  Object.assign(tab, { type: "button", id: `${panel.id}-tab`, textContent: title.textContent, className: "side-tab" });
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", panel.id);
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", tab.id);
  title.classList.add("visually-hidden");
  return { tab, panel };
});
function turnTo(chosen) {
  for (const { tab, panel } of tabs) {
    const isShown = tab === chosen;
    panel.hidden = !isShown;
    tab.tabIndex = isShown ? 0 : -1;
    tab.setAttribute("aria-selected", String(isShown));
  }
}
const row = document.createElement("div");
row.className = "side-tabs";
row.setAttribute("role", "tablist");
row.setAttribute("aria-label", panels.dataset.label);
row.append(...tabs.map(({ tab }) => tab));
panels.prepend(row);
row.addEventListener("click", (event) => event.target.matches("[role=tab]") && turnTo(event.target));
row.addEventListener("keydown", (event) => {
  if (composing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  const at = tabs.findIndex(({ tab }) => tab === event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const { tab } = tabs.at(to % tabs.length);
  turnTo(tab);
  tab.focus();
});
turnTo(tabs[0].tab);

for (const button of document.querySelectorAll("button[data-copy]")) {
  // Without this right of the browser the number can still be marked and copied.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy));
}

// The words beside the form follow the section one is in; the focus stays where it is.
const script = document.getElementById("script");
script?.classList.add("follows");
function follow(target) {
  const name = target.closest("[data-section]")?.dataset.section;
  const parts = [...(script?.querySelectorAll("[data-script]") ?? [])];
  if (!name || !parts.some((part) => part.dataset.script === name)) return;
  for (const part of parts) part.classList.toggle("current", part.dataset.script === name);
}
follow(form.querySelector("[data-section=start]"));
form.addEventListener("focusin", (event) => follow(event.target));

// ---- repeat callers ----

const repeat = document.querySelector("[data-repeat]");
const phone = form.elements.caller_phone;
let asked = "";
let asking = 0;

async function recognise() {
  const number = phone.value.trim();
  // A practice call asks about no number.
  if (number === asked || !form.dataset.repeatUrl) return;
  asked = number;
  repeat.textContent = "";
  repeat.classList.remove("known", "often");
  showPlans([]);
  if (!number) return;
  try {
    const answer = await fetch(form.dataset.repeatUrl, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify({ phone: number, draft: form.elements.draft.value }),
    });
    const found = await answer.json();
    if (!answer.ok || phone.value.trim() !== number) return;
    repeat.textContent = found.text;
    repeat.classList.toggle("known", found.count > 0);
    repeat.classList.toggle("often", found.often);
    locate(found.division);
    remember(found.calls);
    showPlans(found.plans);
  } catch {
    asked = "";
  }
}

const earlier = document.querySelector("[data-history]");
function remember(calls) {
  const note = document.querySelector("[data-history-note]");
  note.textContent = calls.length ? "" : note.dataset.none;
  earlier.replaceChildren(
    ...calls.map((call) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("span"), { textContent: call.at }));
      const end = document.createElement(call.href ? "a" : "small");
      if (call.href) Object.assign(end, { href: call.href, target: "_blank", rel: "noopener" });
      end.textContent = call.href ? earlier.dataset.open : earlier.dataset.closed;
      if (call.href) end.setAttribute("aria-label", `${earlier.dataset.open} ${call.at}`);
      item.append(end);
      return item;
    }),
  );
}

// What was agreed with a person who calls again and again, as far as the call-taker holds its key.
const plansShown = document.querySelector("[data-plans]");
const planParts = document.querySelector("[data-plan-parts]");

function showPlans(plans) {
  plansShown?.replaceChildren(
    ...plans.map((plan) => {
      const panel = planParts.content.firstElementChild.cloneNode(true);
      for (const part of panel.querySelectorAll("[data-part]")) {
        const words = plan[part.dataset.part] ?? "";
        part.querySelector("[data-words]").textContent = words;
        part.hidden = !words;
      }
      return panel;
    }),
  );
}

// Where the number is from is a guess: it never replaces a place that somebody has chosen.
const place = form.elements.division;
const isFresh = form.elements.rev.value === "0";
place.addEventListener("change", (event) => event.isTrusted && (place.dataset.touched = "yes"));
function locate(code) {
  if (!code || !isFresh || place.dataset.touched || place.value === code) return;
  place.value = code;
  place.dispatchEvent(new Event("change", { bubbles: true }));
}

phone.addEventListener("input", () => {
  clearTimeout(asking);
  if (phone.value.replace(/\D/g, "").length >= 7) asking = setTimeout(recognise, AFTER_KEY);
});
phone.addEventListener("change", recognise);
// A number that stands there already: a page that was loaded again, a call that came in by itself.
if (phone.value.trim()) recognise();

// ---- how long ----

const clock = document.querySelector("[data-timer]");
const begun = Date.parse(form.elements.started_at.value);
function tick() {
  const seconds = Math.max(0, Math.floor((Date.now() - begun) / 1000));
  const minutes = Math.floor(seconds / 60);
  clock.textContent = `${String(minutes).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
if (clock && !Number.isNaN(begun)) {
  clock.hidden = false;
  tick();
  setInterval(tick, 1000);
}

// ---- putting it together ----

form.addEventListener("change", (event) => keepSense(event.target));
// Chosen boxes of topics are sent although the others are switched off.
limitTopics();

// A fresh page begins at the first question; after an error the summary has the focus.
if (!document.querySelector("[data-error-summary]")) {
  (value("call_type") ? phone : named("call_type")[0])?.focus({ preventScroll: true });
}
