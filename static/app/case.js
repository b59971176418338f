// The page of a case: the composer saves itself while somebody writes. Without this file the same form works, and has
// a button that keeps a draft.

const pause = 800;
const pauseAfterChoice = 200;
const retry = 5000;
const session = "session";

const form = document.querySelector("[data-note-form]");
if (form) {
  showWhatFits(form);
  submitByKey(form);
  if (form.dataset.draft) keepDraft(form);
}

// Channel, services and minutes belong to sessions; for other notes they only stand in the way.
function showWhatFits(form) {
  const update = () => {
    const kind = new FormData(form).get("kind");
    for (const part of form.querySelectorAll(".session-only")) part.hidden = kind !== session;
  };
  form.addEventListener("change", update);
  update();
}

function submitByKey(form) {
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[type=submit]:not([formaction])"));
    }
  });
}

function keepDraft(form) {
  const state = form.querySelector("[data-save-state]");
  const revision = form.querySelector("[data-rev]");
  const words = form.dataset;
  let timer = 0;
  let saved = JSON.stringify(content());
  let busy = false;
  let leaving = false;
  let halted = false;
  let signedOut = false;

  // The button is for pages without scripts.
  form.querySelector("[data-save-draft]").hidden = true;

  function content() {
    const data = new FormData(form);
    const one = (name) => data.get(name) ?? "";
    return {
      kind: one("kind"),
      channel: one("channel"),
      services: data.getAll("services"),
      occurred_at: one("occurred_at"),
      minutes: one("minutes"),
      text: one("text"),
    };
  }

  function plan(after) {
    clearTimeout(timer);
    if (!leaving && !halted) timer = setTimeout(save, after);
  }

  async function save() {
    const now = content();
    const body = JSON.stringify(now);
    if (leaving || halted || body === saved) return;
    // A draft begins with words; a choice alone is no record.
    if (!now.text.trim() && revision.value === "0") return;
    if (busy) {
      plan(pause);
      return;
    }
    busy = true;
    state.textContent = words.saving;
    try {
      const answer = await send({ ...now, rev: Number(revision.value) });
      await take(answer, body);
    } catch {
      state.textContent = words.offline;
      plan(retry);
    } finally {
      busy = false;
    }
    if (state.textContent.startsWith(words.saved) && JSON.stringify(content()) !== saved) plan(pause);
  }

  function send(sent, keepalive = false) {
    return fetch(words.draft, {
      method: "POST",
      keepalive,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": form.elements.csrf_token.value,
      },
      body: JSON.stringify(sent),
    });
  }

  async function take(answer, body) {
    signedOut = answer.status === 401;
    if (answer.ok) {
      const told = await answer.json();
      revision.value = told.rev;
      saved = body;
      state.textContent = `${words.saved} ${told.saved_at}`;
    } else if (answer.status === 409) {
      halted = true;
      await showBoth();
    } else if (signedOut) {
      // Signing in again in another window is enough: the words go on being saved from here.
      const link = element("a", words.signIn);
      link.href = words.door;
      link.target = "_blank";
      link.rel = "noopener";
      state.replaceChildren(words.ended, " ", link);
      plan(retry);
    } else if (answer.status >= 500 || answer.status === 429) {
      state.textContent = words.offline;
      plan(retry);
    } else {
      const told = await answer.json().catch(() => null);
      // Refused as it stands: the next try is when something was changed.
      saved = body;
      state.textContent = told?.error?.message ?? words.offline;
    }
  }

  // Another window has newer words: both are shown, and whoever wrote them decides.
  async function showBoth() {
    const answer = await fetch(words.draft, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      const told = await answer.json().catch(() => null);
      state.textContent = told?.error?.message ?? words.elsewhere;
      return;
    }
    const theirs = await answer.json();
    const box = form.querySelector("[data-conflict]");
    state.textContent = words.elsewhere;
    const heading = element("h3", words.theirs);
    const text = element("p", theirs.content.text ?? "");
    text.className = "record-text";
    const takeTheirs = element("button", words.take);
    const keepMine = element("button", words.keep);
    for (const button of [takeTheirs, keepMine]) {
      button.type = "button";
      button.className = "btn btn-secondary btn-sm";
    }
    takeTheirs.addEventListener("click", () => location.reload());
    keepMine.addEventListener("click", () => {
      revision.value = theirs.rev;
      halted = false;
      saved = "";
      box.hidden = true;
      box.replaceChildren();
      form.querySelector("[data-note-text]").focus();
      plan(0);
    });
    box.replaceChildren(heading, text, takeTheirs, keepMine);
    box.hidden = false;
  }

  form.addEventListener("input", () => plan(pause));
  form.addEventListener("change", () => plan(pauseAfterChoice));
  form.addEventListener("submit", (event) => {
    if (signedOut) {
      event.preventDefault();
      plan(0);
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  // The last words before the window closes or the phone is locked.
  document.addEventListener("visibilitychange", () => {
    if (signedOut && document.visibilityState === "visible") plan(0);
    const now = content();
    const body = JSON.stringify(now);
    if (document.visibilityState !== "hidden" || leaving || halted || busy || body === saved) return;
    if (!now.text.trim() && revision.value === "0") return;
    busy = true;
    send({ ...now, rev: Number(revision.value) }, true)
      .then((answer) => take(answer, body))
      .catch(() => {})
      .finally(() => {
        busy = false;
      });
  });
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
