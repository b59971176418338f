// Who needs a supervisor now, on every page of those who watch: asked for again and again, or told by a stream.

const strip = document.querySelector("[data-alerts]");
const counter = document.querySelectorAll("[data-alert-count]");
const news = document.querySelector("[data-alert-news]");
// With the fifth of a second after which an answer is saved, a card is there in less than two.
const EVERY = "cards" in (strip?.dataset ?? {}) ? 1200 : 1500;
const SELDOM = 10;
const title = document.title;
let mark = "";
let known = -1;
let asking = false;

async function ask() {
  if (asking) return;
  asking = true;
  // Nobody is at work because a page asks by itself: an idle desk must still sign out.
  const headers = { Accept: "application/json", "X-Casework-Background": "1" };
  if (mark) headers["If-None-Match"] = mark;
  const address = "cards" in strip.dataset ? `${strip.dataset.url}?cards=1` : strip.dataset.url;
  try {
    const answer = await fetch(address, { credentials: "same-origin", headers });
    if (answer.status === 200) {
      mark = answer.headers.get("ETag") ?? "";
      show(await answer.json());
    }
  } catch {
    // The next turn asks again.
  } finally {
    asking = false;
  }
}

function show({ count, html }) {
  document.title = count ? `${strip.dataset.title.replace("{n}", count)}${title}` : title;
  for (const each of counter) {
    each.hidden = !count;
    each.firstChild.textContent = count;
  }
  if (count > known && known >= 0) news.textContent = news.dataset.text.replace("{n}", count);
  known = count;
  if (strip.innerHTML.trim() === html.trim()) return;
  // The button under somebody's finger stays where it is and keeps the focus.
  const card = document.activeElement?.closest?.("[data-card]")?.dataset.card;
  strip.innerHTML = html;
  if (card) strip.querySelector(`[data-card="${card}"] button, [data-card="${card}"] a`)?.focus({ preventScroll: true });
}

// A stream says at once that there is news; while it runs, asking is only for what it may have missed.
let stream = null;
let skipped = 0;

function turn() {
  skipped += 1;
  if (stream?.readyState === EventSource.OPEN && skipped < SELDOM) return;
  skipped = 0;
  ask();
}

if (strip) {
  ask();
  setInterval(turn, EVERY);
  if (strip.dataset.stream) {
    stream = new EventSource(strip.dataset.stream);
    stream.addEventListener("news", ask);
  }
}
