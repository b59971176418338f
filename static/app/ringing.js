// What rings appears on the desk by itself. The part is replaced only when it changed, and never under the focus.

const EVERY = 1200;
const region = document.querySelector("[data-ringing]");

async function ask() {
  if (document.visibilityState === "hidden" || region.contains(document.activeElement)) return;
  const address = `${region.dataset.url}?known=${encodeURIComponent(region.dataset.mark)}`;
  // Nobody is at work because a page polls: an idle desk must still sign out.
  const headers = { Accept: "application/json", "X-Casework-Background": "1" };
  const answer = await fetch(address, { credentials: "same-origin", headers }).catch(() => null);
  if (!answer?.ok) return;
  const { mark, html } = await answer.json();
  if (mark === region.dataset.mark) return;
  region.innerHTML = html ?? "";
  region.dataset.mark = mark;
}

async function watch() {
  await ask();
  // The next question waits for the answer, so that a slow line is not asked twice.
  setTimeout(watch, EVERY);
}

if (region) watch();
