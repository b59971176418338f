// Says how many calls have begun to wait since the page was made. Rows never move under anybody's hands.

const EVERY = 10_000;
const news = document.querySelector("[data-news]");
let shown = 0;

async function ask() {
  if (document.visibilityState === "hidden") return;
  const address = `${news.dataset.url}?since=${encodeURIComponent(news.dataset.since)}`;
  // Nobody is at work because a page polls: an idle desk must still sign out.
  const headers = { Accept: "application/json", "X-Casework-Background": "1" };
  const answer = await fetch(address, { credentials: "same-origin", headers }).catch(() => null);
  if (!answer?.ok) return;
  const { count } = await answer.json();
  if (count === shown) return;
  shown = count;
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = news.dataset.action;
  news.replaceChildren(news.dataset.text.replace("{n}", count), " ", link);
  news.classList.toggle("has-news", count > 0);
}

if (news) setInterval(ask, EVERY);
