// Runs before anything is painted: the chosen colour scheme, so that dark pages do not flash white.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("portico-color-scheme");
  } catch {
    // Storage may be off; the system's scheme is used then.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
