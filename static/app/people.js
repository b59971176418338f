// Shows what is typed in a password field while it is asked for. Without this script the field works as it is.

for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.textContent = field.dataset.show;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", field.id);
  button.setAttribute("aria-label", field.dataset.showLabel);
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? field.dataset.hide : field.dataset.show;
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
  const holder = document.createElement("div");
  holder.className = "with-reveal";
  field.replaceWith(holder);
  holder.append(field, button);
  // A password must never be sent, kept or restored as plain text by the browser.
  field.form?.addEventListener("submit", () => { field.type = "password"; });
}

// Printing is offered only where it works.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
