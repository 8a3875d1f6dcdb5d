// Labels beside points that hide neither points that matter nor each other.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Wanted {
  key: string;
  text: string;
  x: number;
  y: number;
}

export interface Placed extends Wanted {
  box: Box;
  /** A line from the point to the label, where it stands further off. */
  leads: boolean;
}

const HEIGHT = 15;
const NEAR = 9;
let canvas: CanvasRenderingContext2D | null | undefined;

export function textWidth(text: string): number {
  canvas ??= document.createElement("canvas").getContext("2d");
  if (!canvas) return text.length * 6.4;
  canvas.font = "12px system-ui, sans-serif";
  return canvas.measureText(text).width;
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Places to try, nearest first: beside, above and below, then further off in all directions. */
function* places({ x, y, text }: Wanted): Generator<{ box: Box; far: number }> {
  const width = textWidth(text) + 4;
  const at = (left: number, top: number) => ({ x: left, y: top, width, height: HEIGHT });
  for (let far = 0; far < 7; far += 1) {
    const away = NEAR + far * 14;
    const up = y - HEIGHT / 2 - far * 14;
    const down = y - HEIGHT / 2 + far * 14;
    yield { box: at(x - away - width, y - HEIGHT / 2 - (far > 0 ? away : 0)), far };
    yield { box: at(x + away, up), far };
    yield { box: at(x - width / 2, y - away - HEIGHT), far };
    yield { box: at(x - width - NEAR, up), far };
    yield { box: at(x + NEAR, down), far };
    yield { box: at(x - width / 2, y + away), far };
    yield { box: at(x - width - NEAR, down), far };
  }
}

/**
 * Labels in order of importance. One that finds no free place within `bounds` may hide what is `minor`, and is left out if
 * that does not help either: the card still names it.
 */
export function placeLabels(wanted: Wanted[], obstacles: Box[], bounds: Box, minor: Box[] = []): Placed[] {
  const placed: Placed[] = [];
  const place = (label: Wanted, taken: Box[]): Placed | undefined => {
    for (const { box, far } of places(label)) {
      const inside = box.x >= bounds.x && box.y >= bounds.y && box.x + box.width <= bounds.x + bounds.width && box.y + box.height <= bounds.y + bounds.height;
      if (!inside) continue;
      if (placed.some((other) => overlap(other.box, box) > 0) || taken.some((other) => overlap(other, box) > 0)) continue;
      return { ...label, box, leads: far > 0 };
    }
    return undefined;
  };
  const all = obstacles.concat(minor);
  for (const label of wanted) {
    const found = place(label, all) ?? (minor.length > 0 ? place(label, obstacles) : undefined);
    if (found) placed.push(found);
  }
  return placed;
}
