// The session of a page that stays open for long: a warning before it ends, and signing in again over the page.
// What was typed stays where it is; whoever else sits down at the desk sees none of it.

const box = document.querySelector("[data-session]");
const again = box.querySelector("[data-again]");
const warning = box.querySelector("[data-idle]");
const passwordForm = box.querySelector("[data-again-password]");
const codeForm = box.querySelector("[data-again-code]");
const elsewhere = box.querySelector("[data-again-elsewhere]");
const said = box.querySelector("[data-again-error]");
const login = document.getElementById("again-login");
const secret = document.getElementById("again-secret");
const code = document.getElementById("again-code");
// WCAG 2.2.1 asks for twenty seconds, the house for two minutes; one more, because a timer may be late.
const WARN = 180;
const LOOK_AGAIN = 15;
const AT_DOOR = 5;
const TOUCH = 60000;

let timer = 0;
let token = "";
let touchedAt = Date.now();
let missed = false;

async function ask(background) {
  const headers = { Accept: "application/json", ...(background ? { "X-Casework-Background": "1" } : {}) };
  const answer = await fetch(box.dataset.url, { headers, cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (!answer.ok) throw new Error(answer.status);
  const told = await answer.json();
  token = told.csrf_token;
  return told;
}

function look(seconds) {
  clearTimeout(timer);
  timer = setTimeout(() => check(true), seconds * 1000);
}

async function check(background) {
  try {
    judge(await ask(background));
  } catch {
    look(AT_DOOR);
  }
}

function judge(told) {
  const ours = told.account === box.dataset.account;
  if (ours && told.step === "") {
    found();
    warn(told.seconds);
    return;
  }
  warning.hidden = true;
  lost();
  if (ours) step(told.step);
  else if (told.account && !said.textContent) said.textContent = box.dataset.other;
  look(AT_DOOR);
}

// ---- the warning ----

function warn(seconds) {
  warning.hidden = seconds > WARN;
  if (!warning.hidden) {
    const minutes = Math.max(1, Math.round(seconds / 60));
    const text = box.dataset.minutes.replace("{n}", minutes);
    const place = warning.querySelector("[data-idle-text]");
    if (place.textContent !== text) place.textContent = text;
  }
  look(warning.hidden ? seconds - WARN : Math.min(LOOK_AGAIN, seconds + 1));
}

// Any key is work. The server is told once a minute, so that reading and moving about count as well as typing.
function isThere() {
  if (again.open || (warning.hidden && Date.now() - touchedAt < TOUCH)) return;
  touchedAt = Date.now();
  check(false);
}
document.addEventListener("keydown", isThere);
document.addEventListener("pointerdown", isThere);
warning.querySelector("[data-idle-stay]").addEventListener("click", isThere);

// ---- signing in over the page ----

function lost() {
  if (again.open) return;
  document.body.classList.add("session-lost");
  said.textContent = "";
  step("");
  again.showModal();
  login.focus();
  document.dispatchEvent(new CustomEvent("casework:session-lost"));
}

function found() {
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  if (!again.open && !missed) return;
  missed = false;
  secret.value = "";
  code.value = "";
  document.body.classList.remove("session-lost");
  again.close();
  document.dispatchEvent(new CustomEvent("casework:session-found"));
}

function step(name) {
  const changed = codeForm.hidden === (name === "code");
  passwordForm.hidden = name !== "";
  codeForm.hidden = name !== "code";
  elsewhere.hidden = name !== "elsewhere";
  if (changed && name === "code") code.focus();
}

async function post(address, sent) {
  said.textContent = "";
  try {
    await ask(true);
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify(sent),
    });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      said.textContent = told.error?.message ?? box.dataset.unreachable;
      return false;
    }
    judge(await ask(true));
    return true;
  } catch {
    said.textContent = box.dataset.unreachable;
    return false;
  }
}

passwordForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { account, role, subproject, signInUrl } = box.dataset;
  const fine = await post(signInUrl, { account, role, subproject, login: login.value, password: secret.value });
  secret.value = "";
  if (!fine) secret.focus();
});
codeForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fine = await post(box.dataset.codeUrl, { code: code.value });
  code.value = "";
  if (!fine) code.focus();
});
// Closing it would show the words to whoever stands there.
again.addEventListener("cancel", (event) => event.preventDefault());

document.addEventListener("casework:session-lost", () => {
  if (again.open) return;
  missed = true;
  check(true);
});
new BroadcastChannel("casework").addEventListener("message", (event) => {
  // Of the page that signs out itself nothing stays to be guarded.
  if (event.data !== "signed-out" || document.querySelector("[data-sign-out]")?.dataset.sent) return;
  lost();
  look(AT_DOOR);
});
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check(true));
window.addEventListener("pageshow", (event) => event.persisted && check(true));
look(LOOK_AGAIN);
