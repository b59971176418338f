// Saving of the call screen: what was typed is on the server within two seconds, and nobody is asked to give it up.
// What the server has not taken yet is kept on this computer as well, sealed with a key that only this page has.

const form = document.querySelector("[data-call]");
const state = document.querySelector("[data-save-state]");
const who = document.querySelector("[data-session]").dataset.account;
const AFTER_KEY = 800;
// Somebody who types without a pause is saved as well.
const AT_LATEST = 1500;
const AFTER_CHOICE = 200;
const RETRY = 5000;
const PATIENCE = 10000;
const COPY_AFTER = 1000;
const COPY_AGAIN = 300;
const COPY_DAYS = 7;
const DAY = 86400000;
const OURS = new Set(["csrf_token", "_key", "draft", "rev", "writer", "started_at", "intent"]);
// How a step in danger stands is stored by a press of its own; the words beside it are saved like all others.
const PRESSED = /^reason-/;
const TROUBLE = new Set(["offline", "signedOut", "conflict", "refused"]);

const save = {
  seq: 0, timer: 0, due: 0, busy: null, halted: false, signedOut: false, leaving: false, going: false, touched: false,
  foundAt: -Infinity,
};

// ---- what stands on the page ----

const listed = (name) => form.querySelector(`input[type=checkbox][name="${name}"]`) !== null;

// Words that stood beside a step and were taken away are said to be gone: silence leaves what is stored.
function isTakenAway(name) {
  const field = form.elements[name];
  return name.startsWith("detail-") && Boolean(field.defaultValue || field.dataset.typed);
}

function typed() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (OURS.has(name) || PRESSED.test(name) || (value === "" && !isTakenAway(name))) continue;
    if (listed(name)) (fields[name] ??= []).push(value);
    else fields[name] = value;
  }
  return fields;
}

const plain = (fields) => JSON.stringify(Object.keys(fields).sort().map((name) => [name, [fields[name]].flat().toSorted()]));
const now = () => plain(typed());
let acknowledged = now();
const isDirty = () => now() !== acknowledged;

function put(name, value) {
  const wanted = [value ?? []].flat().map(String);
  for (const control of form.querySelectorAll(`[name="${name}"]`)) {
    const before = control.matches("[type=radio], [type=checkbox]") ? control.checked : control.value;
    if (control.matches("[type=radio], [type=checkbox]")) control.checked = wanted.includes(control.value);
    else control.value = wanted[0] ?? "";
    const after = control.matches("[type=radio], [type=checkbox]") ? control.checked : control.value;
    if (before !== after) control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function say(name, values = {}) {
  const words = state.dataset[name === "offline" && !copy.written ? "offlineBare" : name];
  const text = Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), words);
  if (state.textContent !== text) state.textContent = text;
  state.dataset.kind = name;
}

// ---- to the server ----

function send(fields, keepalive = false) {
  save.seq += 1;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  return fetch(form.dataset.draftUrl, {
    method: "POST",
    keepalive,
    signal: patience.signal,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    body: JSON.stringify({
      rev: Number(form.elements.rev.value) || 0,
      writer: form.elements.writer.value,
      seq: save.seq,
      started_at: form.elements.started_at.value,
      fields,
    }),
  }).finally(() => clearTimeout(timer));
}

async function push() {
  clearTimeout(save.timer);
  save.due = 0;
  if (save.busy || save.halted || save.leaving || save.signedOut || !isDirty()) return;
  if (!TROUBLE.has(state.dataset.kind)) say("saving");
  const fields = typed();
  save.busy = send(fields).then((answer) => settle(answer, plain(fields)), offline);
  await save.busy;
  save.busy = null;
  // What was typed while this save was under way goes after it.
  if (state.dataset.kind === "saved" && isDirty()) later(AFTER_CHOICE);
}

async function settle(answer, content) {
  if (answer.ok) {
    const saved = await answer.json();
    form.elements.rev.value = Math.max(saved.rev, Number(form.elements.rev.value) || 0);
    acknowledged = content;
    save.signedOut = false;
    say("saved", { time: saved.saved_at });
    if (!isDirty()) copy.drop();
    return;
  }
  if (answer.status === 409) {
    await conflict(answer);
  } else if (answer.status === 401 || answer.status === 400) {
    // 400: the token of the form belongs to a session that is over.
    signedOut();
  } else if (answer.status >= 500 || answer.status === 429) {
    offline();
  } else {
    const said = await answer.json().catch(() => ({}));
    say("refused", { reason: said.error?.message ?? answer.status });
    save.halted = answer.status === 404;
  }
}

function offline() {
  say("offline");
  copy.soon(0);
  save.due = 0;
  later(RETRY * (0.8 + 0.4 * Math.random()));
}

function signedOut() {
  save.signedOut = true;
  say("signedOut");
  copy.soon(0);
  document.dispatchEvent(new CustomEvent("casework:session-lost"));
}

document.addEventListener("casework:session-lost", () => {
  if (save.signedOut) return;
  save.signedOut = true;
  if (isDirty()) say("signedOut");
});
document.addEventListener("casework:session-found", () => {
  // Found and refused again at once: not a matter of signing in, so the server is not asked in a circle.
  const isCircle = performance.now() - save.foundAt < RETRY;
  save.foundAt = performance.now();
  save.signedOut = false;
  copy.forbidden = false;
  if (isCircle) later(RETRY);
  else push();
});

function later(delay) {
  const wanted = performance.now() + delay;
  // A key that follows another puts the save off, but never beyond the limit counted from the first of them.
  save.due ||= performance.now() + Math.max(delay, AT_LATEST);
  clearTimeout(save.timer);
  save.timer = setTimeout(push, Math.max(0, Math.min(wanted, save.due) - performance.now()));
}

function touched(delay) {
  if (!isDirty()) {
    if (copy.written) copy.drop();
    return;
  }
  if (!save.touched) {
    save.touched = true;
    // From now on reloading, coming back and a restored tab find this very draft.
    if (form.dataset.pageUrl && location.pathname !== form.dataset.draftUrl) history.replaceState(null, "", form.dataset.pageUrl);
  }
  copy.soon(TROUBLE.has(state.dataset.kind) ? COPY_AGAIN : COPY_AFTER);
  if (save.halted || save.signedOut || state.dataset.kind === "offline") return;
  later(delay);
}

// The last words before the window closes or the telephone is locked.
function flush() {
  if (save.halted || save.leaving || save.signedOut || !isDirty()) return;
  const fields = typed();
  send(fields, true).then((answer) => settle(answer, plain(fields)), () => copy.soon(0));
}

// ---- both versions ----

const merge = document.querySelector("[data-merge]");
let theirs = null;

async function conflict(answer) {
  const told = await answer.json().catch(() => ({}));
  save.halted = true;
  copy.soon(0);
  if (!told.fields) {
    say("refused", { reason: told.message ?? told.error?.message ?? answer.status });
    return;
  }
  say("conflict");
  show(told, merge.dataset.here, merge.dataset.there);
}

function show(other, ours, others) {
  const mine = typed();
  const names = [...new Set([...Object.keys(mine), ...Object.keys(other.fields)])].filter(
    (name) => form.querySelector(`[name="${name}"]`) && plain({ x: mine[name] || [] }) !== plain({ x: other.fields[name] || [] }),
  );
  theirs = other;
  merge.querySelector("[data-merge-rows]").replaceChildren(...names.map((name) => row(name, mine[name], other.fields[name], ours, others)));
  if (names.length === 0) apply();
  else merge.hidden = false;
}

function row(name, mine, other, ours, others) {
  const set = document.createElement("fieldset");
  set.className = "merge-row";
  const legend = document.createElement("legend");
  const label = form.querySelector(`[data-field="${name}"] .field-label`)?.cloneNode(true);
  for (const mark of label?.querySelectorAll(".required, .visually-hidden") ?? []) mark.remove();
  legend.textContent = label?.textContent.trim() ?? form.elements[name].ariaLabel ?? name;
  set.append(legend);
  const isText = form.querySelector(`[name="${name}"]`).matches("textarea");
  const both = isText && mine && other && !mine.includes(other) && !other.includes(mine);
  const wanted = both ? "both" : !mine || (isText && other?.includes(mine)) ? "there" : "here";
  const options = [["here", ours, words(name, mine)], ["there", others, words(name, other)]];
  if (both) options.push(["both", merge.dataset.both, ""]);
  for (const [value, title, text] of options) set.append(option(name, value, title, text, value === wanted));
  return set;
}

function option(name, value, title, text, checked) {
  const label = document.createElement("label");
  label.className = "merge-option";
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: `merge-${name}`, value, checked });
  const strong = document.createElement("strong");
  strong.textContent = title;
  const said = document.createElement("span");
  said.textContent = text;
  label.append(input, strong, said);
  return label;
}

function words(name, value) {
  const said = [value ?? []].flat().map((each) => {
    const box = form.querySelector(`input[name="${name}"][value="${CSS.escape(each)}"]`);
    const chosen = form.querySelector(`select[name="${name}"] option[value="${CSS.escape(each)}"]`);
    return box?.closest(".chip")?.querySelector(".chip-text")?.textContent.trim() ?? chosen?.textContent.trim() ?? each;
  });
  return said.join("、") || merge.dataset.empty;
}

function apply() {
  for (const input of merge.querySelectorAll("input:checked")) {
    const name = input.name.slice("merge-".length);
    const other = theirs.fields[name];
    if (input.value === "there") put(name, other);
    if (input.value === "both") put(name, `${form.elements[name].value}\n${other}`);
  }
  if (theirs.rev !== null) {
    form.elements.rev.value = theirs.rev;
    acknowledged = plain(theirs.fields);
  }
  if (theirs.place) copy.adopted.push(theirs.place);
  merge.hidden = true;
  save.halted = false;
  state.dataset.kind = "";
  save.touched = true;
  if (isDirty()) push();
  else copy.drop();
}

merge.querySelector("[data-merge-apply]").addEventListener("click", () => {
  apply();
  form.elements.summary.focus();
});

// ---- the copy on this computer ----

// Nothing is written where the browser cannot seal it (no TLS): a copy in clear would be worse than none.
const canSeal = globalThis.crypto?.subtle !== undefined && globalThis.indexedDB !== undefined;
const keys = form.dataset.copyKeys.split(" ").filter(Boolean);
const shelf = `${who}.${form.elements.draft.value}.`;
const slot = shelf + form.elements.writer.value;
const copy = { written: false, forbidden: false, timer: 0, turn: Promise.resolve(), adopted: [], soon, drop };
// Held while this page lives, and let go by its death, however it dies: so no other page takes its copy away.
if (canSeal) navigator.locks.request(slot, () => new Promise(() => {}));

function soon(delay) {
  if (!canSeal || copy.forbidden || copy.timer) return;
  copy.timer = setTimeout(() => {
    copy.timer = 0;
    copy.turn = copy.turn.then(keep).catch(() => {});
  }, delay);
}

function drop() {
  clearTimeout(copy.timer);
  copy.timer = 0;
  if (!canSeal) return;
  copy.turn = copy.turn
    .then(() => inStore("readwrite", (store) => [slot, ...copy.adopted].map((each) => store.delete(each)).at(-1)))
    .then(() => {
      copy.written = false;
      copy.adopted = [];
    })
    .catch(() => {});
}

async function keep() {
  if (!isDirty() || copy.forbidden) return;
  const held = {
    fields: typed(),
    rev: Number(form.elements.rev.value) || 0,
    writer: form.elements.writer.value,
    seq: save.seq + 1,
    started_at: form.elements.started_at.value,
  };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt(seal(iv, slot), await key(keys[0]), padded(JSON.stringify(held)));
  await inStore("readwrite", (store) => store.put({ at: Date.now(), iv, data }, slot));
  copy.written = true;
  if (state.dataset.kind === "offline") say("offline");
}

const seal = (iv, place) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) });

// The length must not tell how much was written: blocks of a kilobyte.
function padded(text) {
  const bytes = new TextEncoder().encode(text);
  const block = new Uint8Array(Math.ceil((bytes.length + 1) / 1024) * 1024).fill(32);
  block.set(bytes);
  return block;
}

function key(text) {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function opened(record, place) {
  for (const each of keys) {
    try {
      const how = seal(record.iv, place);
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, await key(each), record.data)));
    } catch {
      // Another key may be the right one while the keyring is rotated.
    }
  }
  return null;
}

// Opened for each use and closed again, so that signing out can delete the whole of it at once.
function inStore(mode, work) {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("casework", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("copies");
    asked.onerror = () => failed(asked.error);
    asked.onsuccess = () => {
      const database = asked.result;
      const transaction = database.transaction("copies", mode, { durability: "strict" });
      const request = work(transaction.objectStore("copies"));
      transaction.oncomplete = () => { database.close(); done(request.result); };
      transaction.onabort = () => { database.close(); failed(transaction.error); };
    };
  });
}

// Returns what pages of this draft have left, the newest first, and forgets whatever is older than a week.
async function left() {
  const found = [];
  await inStore("readwrite", (store) => {
    const all = store.openCursor();
    all.addEventListener("success", () => {
      const each = all.result;
      if (!each) return;
      if (Date.now() - each.value.at > COPY_DAYS * DAY) each.delete();
      else if (each.key.startsWith(shelf) && each.key !== slot) found.push([each.key, each.value]);
      each.continue();
    });
    return all;
  });
  return found.sort(([, one], [, other]) => other.at - one.at);
}

const alive = async () => new Set((await navigator.locks.query()).held.map((lock) => lock.name));

async function restore() {
  if (!canSeal || keys.length === 0) return;
  let pages = await alive();
  for (const [place, record] of await left()) {
    // The page that is just being reloaded may take a moment to let go.
    if (pages.has(place)) {
      await new Promise((done) => { setTimeout(done, 700); });
      pages = await alive();
    }
    const held = pages.has(place) ? null : await opened(record, place);
    if (held && take(held, place)) return;
  }
}

// Returns whether the copy has something that the server has not.
function take(held, place) {
  const isOlder = held.writer === form.dataset.storedBy && held.seq <= Number(form.dataset.storedSeq);
  if (isOlder || plain(held.fields) === now()) {
    copy.adopted.push(place);
    if (!isDirty() && !document.querySelector("[data-error-summary]")) drop();
    return false;
  }
  const rev = Number(form.elements.rev.value) || 0;
  if (isDirty() || (rev > held.rev && held.writer !== form.dataset.storedBy)) {
    show({ fields: held.fields, rev: null, place }, merge.dataset.server, merge.dataset.local);
    return true;
  }
  copy.adopted.push(place);
  for (const name of new Set([...Object.keys(typed()), ...Object.keys(held.fields)])) put(name, held.fields[name]);
  if (held.started_at && rev === 0) form.elements.started_at.value = held.started_at;
  say("restored");
  push();
  return true;
}

new BroadcastChannel("casework").addEventListener("message", (event) => {
  if (event.data !== "signed-out") return;
  copy.forbidden = true;
  copy.written = false;
});

// ---- leaving ----

// A form goes on its way only when all of it is on the server: a broken line or an ended session then costs nothing.
form.addEventListener("submit", (event) => {
  if (save.going || save.halted) {
    leave();
    return;
  }
  event.preventDefault();
  const button = event.submitter;
  if (form.dataset.asking) return;
  form.dataset.asking = "yes";
  const free = () => delete form.dataset.asking;
  ready().then((fine) => {
    free();
    if (!fine) return;
    save.going = true;
    form.requestSubmit(button);
    save.going = false;
  }, free);
});

// A key pressed while the page is on its way would be seen by nobody: the form takes none until it is clear that it stays.
function leave() {
  save.leaving = true;
  clearTimeout(save.timer);
  form.inert = true;
  setTimeout(stay, PATIENCE);
}

function stay() {
  save.leaving = false;
  form.inert = false;
}

async function ready() {
  if (save.signedOut) {
    document.dispatchEvent(new CustomEvent("casework:session-lost"));
    return false;
  }
  await save.busy;
  if (isDirty()) {
    await push();
    return !isDirty() && !save.halted;
  }
  return answers();
}

// Nothing is left to save: is the server there, and still for the same person?
async function answers() {
  try {
    const patience = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(document.querySelector("[data-session]").dataset.url, { headers: { Accept: "application/json" }, signal: patience });
    if (!answer.ok) throw new Error(answer.status);
    const told = await answer.json();
    if (told.account === who && told.step === "") {
      for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = told.csrf_token;
      return true;
    }
    signedOut();
  } catch {
    say("offline");
  }
  return false;
}

// Signing out ends what could still be saved, so that is done before.
document.querySelector("[data-sign-out]")?.addEventListener("submit", (event) => {
  if (save.going || save.halted || !isDirty()) return;
  event.preventDefault();
  const leaving = event.target;
  ready().then((fine) => {
    if (!fine) return;
    save.going = true;
    leaving.requestSubmit();
    save.going = false;
  });
});

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  stay();
  push();
});
document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? flush() : push()));
window.addEventListener("pagehide", flush);
window.addEventListener("online", push);
window.addEventListener("beforeunload", (event) => {
  if (save.leaving || !isDirty()) return;
  flush();
  if (TROUBLE.has(state.dataset.kind) || !navigator.onLine) event.preventDefault();
});
const isChoice = (control) => control.matches("input[type=radio], input[type=checkbox], select");
form.addEventListener("input", (event) => {
  event.target.dataset.typed = "yes";
  if (!isChoice(event.target)) touched(AFTER_KEY);
});
form.addEventListener("change", (event) => touched(isChoice(event.target) ? AFTER_CHOICE : AFTER_KEY));
restore().catch(() => {});
