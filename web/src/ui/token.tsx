// Asks for a token, once.

import { useEffect, useRef } from "preact/hooks";
import { giveToken } from "../live/connection";
import { heldToken } from "../live/token";

export function TokenDialog({ message }: { message: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const wrong = heldToken() !== "";
  return (
    <dialog ref={dialog} class="token" aria-labelledby="token-title" onCancel={(event) => event.preventDefault()}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget).get("token");
          if (typeof given === "string" && given.trim()) giveToken(given.trim());
        }}
      >
        <h2 id="token-title">This daemon asks for a token</h2>
        <p>Paste one with the right to read. It is kept in this browser's session until the tab is closed, and sent to this daemon only.</p>
        <label>
          Token
          <input name="token" type="password" autocomplete="off" spellcheck={false} required autofocus />
        </label>
        {wrong && (
          <p class="wrong" role="alert">
            The last one was not accepted: {message}
          </p>
        )}
        <button type="submit" class="primary">
          Continue
        </button>
      </form>
    </dialog>
  );
}
