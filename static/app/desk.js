// What a crash left on this computer before the server had it. Only its time is known here; its page opens it.
const copies = document.querySelector("[data-copies]");
const DAYS = 7 * 86400000;

// A slot is account, draft and page; the copy of a page that is still open is its own affair.
async function list(found) {
  const open = new Set((await navigator.locks.query()).held.map((lock) => lock.name));
  const drafts = new Map();
  for (const [slot, at] of found) {
    const [account, draft] = slot.split(".");
    if (account === copies.dataset.account && !open.has(slot)) drafts.set(draft, at);
  }
  for (const [draft, at] of drafts) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const time = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    link.href = `${copies.dataset.url}?draft=${encodeURIComponent(draft)}`;
    link.textContent = copies.dataset.label.replace("{time}", time);
    item.append(link);
    copies.querySelector("ul").append(item);
    copies.hidden = false;
  }
}

const opened = indexedDB.open("casework", 1);
opened.onupgradeneeded = () => opened.result.createObjectStore("copies");
opened.onsuccess = () => {
  const found = [];
  const change = opened.result.transaction("copies", "readwrite");
  const each = change.objectStore("copies").openCursor();
  each.onsuccess = () => {
    if (!each.result) return;
    if (Date.now() - each.result.value.at > DAYS) each.result.delete();
    else found.push([each.result.key, each.result.value.at]);
    each.result.continue();
  };
  change.oncomplete = () => {
    opened.result.close();
    list(found);
  };
};

// The offer to take a press back goes after ten seconds; the server decides by its own clock.

const offer = document.querySelector("[data-undo]");
if (offer) setTimeout(() => { if (!offer.contains(document.activeElement)) offer.remove(); }, Number(offer.dataset.undo) * 1000);
