// A practice call keeps on the page what was tried; nothing of it is stored. The story follows the section one is in.

const form = document.querySelector("[data-call]");
const help = document.querySelector("[data-help]");
const story = document.querySelector("[data-story]");

function note(code, wasTried) {
  const known = form.querySelector(`input[name="tried"][value="${code}"]`);
  if (!wasTried) known?.remove();
  else if (!known) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "tried", value: code }));
}

new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target === help) {
      // Taking it back within ten seconds is a try as well, of the other button.
      if (help.dataset.state === "open") note("help", true);
    } else if (target.matches("[data-step]")) note(target.dataset.step, target.dataset.state !== "open");
  }
}).observe(document.body, { attributes: true, attributeFilter: ["data-state"], subtree: true });

form.addEventListener("focusin", (event) => {
  const name = event.target.closest("[data-section]")?.dataset.section;
  const scenes = [...story.querySelectorAll("[data-scene]")];
  if (!scenes.some((scene) => scene.dataset.scene === name)) return;
  for (const scene of scenes) scene.classList.toggle("current", scene.dataset.scene === name);
});
