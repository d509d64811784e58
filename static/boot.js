// Loads the application. It runs before the first paint, so the theme comes
// first; running it waits for wasm_exec.js, which the page defers.
"use strict";

try {
  const theme = localStorage.getItem("logpane.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme it is.
}

// go-app asks for its settings here; logpane has none, and the answer must be a string.
function goappGetenv() { return ""; }

function logpaneBanner(text) {
  const banner = document.createElement("p"), again = document.createElement("button");
  banner.className = "banner";
  banner.setAttribute("role", "alert");
  again.type = "button";
  again.textContent = "Reload";
  again.addEventListener("click", () => location.reload());
  banner.append(text + " ", again);
  document.getElementById("boot")?.setAttribute("aria-busy", "false");
  // Last in the body: go-app owns the first element.
  document.body.append(banner);
}

// The application is asked for as soon as the line is free for it.
const logpaneProgram = logpaneEarly.shown.then(() => fetch(document.getElementById("app-wasm").content));
logpaneProgram.catch(() => {}); // told below

document.addEventListener("DOMContentLoaded", async () => {
  if (typeof WebAssembly !== "object" || !WebAssembly.instantiateStreaming) {
    return logpaneBanner("logpane needs WebAssembly, which this browser lacks or blocks. Allow it or use a current browser, then reload.");
  }
  if (typeof Go !== "function") return logpaneBanner("logpane did not load completely.");
  const go = new Go();
  let program;
  try {
    const answer = await logpaneProgram;
    if (!answer.ok) return logpaneBanner(`logpane did not load: the server answered ${answer.status} for the application.`);
    program = await WebAssembly.instantiateStreaming(answer, go.importObject);
  } catch (err) {
    console.error(err);
    return logpaneBanner("logpane did not load: the connection broke or the file is damaged.");
  }
  // The Go program never ends by itself: whichever way it does, the page is dead.
  const stopped = "logpane stopped. The address keeps your view: reload to go on.";
  go.run(program.instance).then(() => logpaneBanner(stopped), (err) => { console.error(err); logpaneBanner(stopped); });
});
