// One card with details, beside whatever is pointed at or has the focus.

import { render, type ComponentChildren } from "preact";

const GAP = 8;
let box: HTMLElement | undefined;
let owner: Element | undefined;

function element(): HTMLElement {
  if (box) return box;
  box = document.createElement("div");
  box.id = "card";
  box.className = "card";
  box.setAttribute("role", "tooltip");
  document.body.append(box);
  addEventListener("keydown", (event) => event.key === "Escape" && hideCard());
  addEventListener("scroll", hideCard, { passive: true, capture: true });
  return box;
}

export function showCard(beside: Element, content: ComponentChildren): void {
  const card = element();
  if (owner !== beside) owner?.removeAttribute("aria-describedby");
  owner = beside;
  owner.setAttribute("aria-describedby", "card");
  render(<>{content}</>, card);
  card.classList.add("shown");
  place(card, beside.getBoundingClientRect());
}

/** Below or above, whichever has room; never over the edge of the window. */
function place(card: HTMLElement, at: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = card;
  const left = Math.min(Math.max(GAP, at.left + at.width / 2 - width / 2), innerWidth - width - GAP);
  const below = at.bottom + GAP;
  const above = at.top - GAP - height;
  const top = below + height <= innerHeight || above < GAP ? Math.min(below, innerHeight - height - GAP) : above;
  card.style.left = `${Math.max(GAP, left)}px`;
  card.style.top = `${Math.max(GAP, top)}px`;
}

export function hideCard(): void {
  if (!box || !owner) return;
  owner.removeAttribute("aria-describedby");
  owner = undefined;
  box.classList.remove("shown");
}
