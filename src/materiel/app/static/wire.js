// @ts-check
// One WebSocket, one question under way, and the newest state next: never a queue. A lost connection comes back with its state.

/**
 * @param {string} scenario
 * @param {string} spoken the language, as an address says it
 * @param {{ result: (r: any) => void, refused: (r: any) => void, saving: (r: any) => void, saved: (r: any) => void, link: (open: boolean) => void, busy: (busy: boolean) => void }} told
 */
export function connect(scenario, spoken, told) {
  /** @type {WebSocket | null} */
  let socket = null;
  let n = 0;
  let asked = -1; // the number of the question under way, -1 for none
  let shown = -1;
  /** @type {any} */
  let next = null;
  let tries = 0;
  let late = 0;

  function open() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live${spoken}`);
    socket.addEventListener("open", () => {
      tries = 0;
      told.link(true);
      flush();
    });
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      socket = null;
      next = next || last; // what was under way is asked again
      asked = -1;
      told.link(false);
      setTimeout(open, Math.min(8000, 400 * 2 ** tries++));
    });
  }

  /** @type {any} the question that has no last answer yet */
  let last = null;
  let lastNumber = -1;

  function flush() {
    if (!next || asked >= 0 || socket?.readyState !== WebSocket.OPEN) return;
    asked = ++n;
    lastNumber = asked;
    last = next;
    next = null;
    socket.send(JSON.stringify({ ...last, n: asked, scenario }));
    clearTimeout(late);
    late = setTimeout(() => told.busy(true), 150);
  }

  function hear(/** @type {any} */ message) {
    if (message.type === "saving" || message.type === "saved") {
      told[/** @type {"saving" | "saved"} */ (message.type)](message);
      return;
    }
    if (message.n === asked) asked = -1;
    if (message.type === "refused") {
      told.refused(message);
      if (message.n === null) return;
    } else if (message.type === "same") {
      shown = Math.max(shown, message.n);
    } else if (message.n >= shown) {
      shown = message.n;
      told.result(message);
      if (message.n === lastNumber && message.done) last = null;
    }
    if (!next) {
      clearTimeout(late);
      told.busy(false);
    }
    flush();
  }

  function keep(/** @type {string} */ type, /** @type {import("./state.js").Changes} */ state) {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify({ type, n: ++n, state, scenario }));
    return true;
  }

  open();
  return {
    /** @param {import("./state.js").Changes} state @param {boolean} final @param {boolean} more */
    move(state, final, more) {
      next = { type: "move", state, final, more };
      flush();
    },
    /** @param {import("./state.js").Changes} state */
    save(state) {
      return keep("save", state);
    },
    /** @param {import("./state.js").Changes} state */
    weigh(state) {
      return keep("weigh", state);
    },
  };
}
