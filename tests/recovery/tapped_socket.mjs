// A WebSocket class for the SDK that shows a Wire what the connection carries, before the SDK has it.

// WebSocket: the class that the SDK would take; wireOf(): a Wire for one connection.
export const tapped = (WebSocket, wireOf) =>
  class {
    onopen = null;
    onmessage = null;
    onclose = null;
    onerror = null;
    #socket;
    #wire = wireOf();

    constructor(url, protocols) {
      this.#socket = new WebSocket(url, protocols);
      this.#socket.onopen = (event) => this.onopen?.(event);
      this.#socket.onclose = (event) => this.onclose?.(event);
      this.#socket.onerror = (event) => this.onerror?.(event);
      this.#socket.onmessage = (event) => {
        if (this.onmessage === null) return; // the SDK has done with it
        this.#wire.onReceived(event.data);
        this.onmessage(event);
      };
    }

    get readyState() {
      return this.#socket.readyState;
    }

    get protocol() {
      return this.#socket.protocol;
    }

    get url() {
      return this.#socket.url;
    }

    send(text) {
      this.#wire.onSent(text);
      this.#socket.send(text);
    }

    close(code, reason) {
      this.#socket.close(code, reason);
    }
  };
