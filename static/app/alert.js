// Danger on the call screen: one press stores a step, one key calls a supervisor, and both stay on the page.
// Without scripts the same buttons send the whole form.

const form = document.querySelector("[data-call]");
const help = document.querySelector("[data-help]");
const button = document.querySelector("[data-help-button]");
const ASK_EVERY = 2000;
const CANCEL_WITHIN = 10_000;
const AFTER_CHOICE = 400;
const HELP_TYPES = new Set(["self", "third_party", "agency"]);
const HIGH = new Set(["plan_week", "plan_72h", "attempt"]);
const GAUGED = new Set(["risk", "intention", "hopelessness", "distress_before", "signs"]);

const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;
const composing = (event) => event.isComposing || event.keyCode === 229;

function post(address, body) {
  return fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    body: JSON.stringify({
      writer: form.elements.writer.value,
      started_at: form.elements.started_at.value,
      line: form.elements.line?.value ?? "",
      ...body,
    }),
  });
}

async function answered(address, body) {
  const answer = await post(address, body).catch(() => null);
  const said = await answer?.json().catch(() => ({}));
  return { ok: Boolean(answer?.ok), said: said ?? {} };
}

// ---- calling a supervisor ----

const line = document.querySelector("[data-help-state]");
const label = document.querySelector("[data-help-label]");
const callText = label?.textContent;
let asking = 0;
let pressedAt = 0;

function show(state, text) {
  help.dataset.state = state;
  if (text !== undefined && line.textContent !== text) line.textContent = text;
  const open = state === "open" && Date.now() - pressedAt < CANCEL_WITHIN;
  label.textContent = open ? help.dataset.cancelText : callText;
}

async function ask() {
  clearTimeout(asking);
  // Nobody is at work because a page asks by itself: an idle desk must still sign out.
  const headers = { Accept: "application/json", "X-Casework-Background": "1" };
  const answer = await fetch(button.dataset.stateUrl, { credentials: "same-origin", headers }).catch(() => null);
  if (answer?.ok) {
    const facts = await answer.json();
    show(facts.state, facts.text);
  }
  if (help.dataset.state === "open" || isHigh()) watch();
}

function watch() {
  clearTimeout(asking);
  if (help.dataset.state !== "acknowledged") asking = setTimeout(ask, ASK_EVERY);
}

async function press() {
  const cancel = help.dataset.state === "open" && Date.now() - pressedAt < CANCEL_WITHIN;
  button.disabled = true;
  const { ok, said } = await answered(cancel ? button.dataset.cancelUrl : button.formAction, {});
  button.disabled = false;
  if (!ok) {
    show(help.dataset.state, said.error?.message ?? help.dataset.failed);
    return;
  }
  pressedAt = cancel ? 0 : Date.now();
  show(said.state, said.text);
  if (!cancel) setTimeout(() => show(help.dataset.state), CANCEL_WITHIN + 50);
  watch();
}

if (button) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    press();
  });
  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.code !== "KeyU" || !event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    if (!button.disabled) press();
  });
  if (help.dataset.state === "open") watch();
}

// ---- steps ----

const panel = document.querySelector("[data-steps]");

async function step(pressed) {
  const item = pressed.closest("[data-step]");
  const code = item.dataset.step;
  const reason = form.elements[`reason-${code}`];
  const said = item.querySelector("[data-step-said]");
  pressed.disabled = true;
  const body = { step: pressed.value, reason: reason.value, detail: form.elements[`detail-${code}`].value };
  const { ok, said: facts } = await answered(pressed.formAction, body);
  pressed.disabled = false;
  said.textContent = ok ? facts.said : (facts.error?.message ?? help.dataset.failed);
  said.classList.toggle("failed", !ok);
  if (!ok) return;
  item.dataset.state = facts.state;
  if (facts.state !== "reason") reason.value = "";
}

panel?.addEventListener("click", (event) => {
  const pressed = event.target.closest("button[name=step]");
  if (!pressed) return;
  event.preventDefault();
  step(pressed);
});

// ---- what the answers together suggest ----

const gauge = document.querySelector("[data-gauge]");
let gauging = 0;

async function suggest() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (name === "signs") (fields.signs ??= []).push(value);
    else if (GAUGED.has(name)) fields[name] = value;
  }
  const { ok, said } = await answered(form.dataset.gaugeUrl, { fields });
  if (ok && gauge.textContent !== said.text) gauge.textContent = said.text;
}

const isHigh = () => HIGH.has(chosen("risk")) || Number(chosen("risk_level") ?? 0) > 2;

form.addEventListener("change", (event) => {
  if (panel && GAUGED.has(event.target.name) && panel.offsetParent !== null) {
    clearTimeout(gauging);
    gauging = setTimeout(suggest, AFTER_CHOICE);
  }
  // The save that carries the answer tells the supervisors; from then on their answer is awaited.
  if (button && (event.target.name === "risk" || event.target.name === "risk_level") && isHigh()) watch();
});

// ---- a calm reminder ----

const note = document.querySelector("[data-ask-after]");
const begun = Date.parse(form.elements.started_at.value);

function remind() {
  const minutes = (Date.now() - begun) / 60_000;
  note.hidden = !(minutes >= Number(note.dataset.askAfter) && HELP_TYPES.has(chosen("call_type")) && !chosen("risk"));
}

if (note && !Number.isNaN(begun)) {
  remind();
  setInterval(remind, 5000);
  form.addEventListener("change", remind);
}
