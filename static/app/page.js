// Small conveniences of every page. Whatever is here only shortens a way that also exists without it.

const near = 0.8;

// Menus and questions that open by <details>: close on Escape, on leaving, and by their own cancel button.
for (const menu of document.querySelectorAll("details[data-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open && !event.isComposing) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  });
  const close = menu.querySelector("[data-close]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// The links of the error summary (which takes the focus by itself) put the focus into the field.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.closest("[data-field]")?.scrollIntoView({ block: "nearest" });
    target.focus({ preventScroll: false });
  });
}

// How much may still be written, shown only when the limit is near.
for (const count of document.querySelectorAll("[data-count-for]")) {
  const field = document.getElementById(count.dataset.countFor);
  const most = Number(count.dataset.most);
  const update = () => {
    const length = [...field.value].length;
    const left = most - length;
    count.hidden = length < most * near;
    count.classList.toggle("over", left < 0);
    count.textContent = (left < 0 ? count.dataset.over : count.dataset.left).replace("{n}", Math.abs(left));
  };
  field.addEventListener("input", update);
  update();
}

// A form that is on its way is not sent again by a second press; coming back to the page frees it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (form.matches("[data-sign-out]")) forget();
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Signing out leaves nothing on this computer, and pages in other tabs cover what they show.
function forget() {
  globalThis.indexedDB?.deleteDatabase("casework");
  new BroadcastChannel("casework").postMessage("signed-out");
}

// Alt+N begins a new call wherever the menu offers one. The code of the key is matched, because an input method may
// send another character for it.
document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyN" || !event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const link = document.querySelector("a[aria-keyshortcuts='Alt+N'], .nav-item[href$='/calls/new']");
  if (!link) return;
  event.preventDefault();
  link.click();
});

// Whether one can be called on is said without leaving the page; what is half typed stays where it is.
const duty = document.querySelector("form[data-duty]");
duty?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  const sent = new FormData(duty, pressed);
  sent.set("_key", crypto.randomUUID?.() ?? sent.get("_key"));
  const answer = await fetch(duty.action, { method: "POST", credentials: "same-origin", redirect: "manual", body: sent }).catch(() => null);
  if (answer?.type !== "opaqueredirect") return;
  for (const each of duty.querySelectorAll("[name=duty]")) each.setAttribute("aria-pressed", String(each === pressed));
  document.querySelector("[data-duty-label]").textContent = pressed.textContent.trim();
  document.querySelector("[data-duty-dot]").className = `duty-dot duty-${pressed.value}`;
  duty.closest("details").open = false;
});
