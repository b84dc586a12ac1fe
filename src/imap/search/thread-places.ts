/** The first two steps of THREAD=REFERENCES (RFC 5256 §3): places by Message-ID, linked as References say, never into a loop. */
import type { Threaded } from './threaded.ts';

/** A place in a conversation; without a message where that was only named. */
export interface Place {
  message: Threaded | null;
  parent: Place | null;
  children: Place[];
}

/** Places without a parent, of all that the messages are or name. */
export function linked(messages: readonly Threaded[]): readonly Place[] {
  const places = new Places();
  // Step 1A: whose Message-ID is taken is known by none.
  const own = messages.map((message) => [message, places.own(message)] as const);
  for (const [message, place] of own) {
    let before: Place | null = null;
    for (const id of message.references) {
      const named = places.named(id);
      // A link that is there already stays: another message knew better.
      if (before !== null && named.parent === null) link(named, before);
      before = named;
    }
    if (before === null) continue;
    // Step 1B: what a message says of itself replaces what others have said of it.
    unlink(place);
    link(place, before);
  }
  return places.all.filter(({ parent }) => parent === null);
}

class Places {
  readonly all: Place[] = [];
  readonly #byId = new Map<string, Place>();

  /** The place of an id, made where there is none. */
  named(id: string): Place {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const place = this.#add(null);
    this.#byId.set(id, place);
    return place;
  }

  /** The place that a message takes. */
  own(message: Threaded): Place {
    if (message.messageId === null) return this.#add(message);
    const place = this.named(message.messageId);
    if (place.message !== null) return this.#add(message);
    place.message = message;
    return place;
  }

  #add(message: Threaded | null): Place {
    const place: Place = { message, parent: null, children: [] };
    this.all.push(place);
    return place;
  }
}

/** Unless that would close a loop. Who has nothing below stands above nobody: so a long conversation in its order is not climbed again and again. */
function link(child: Place, parent: Place): void {
  if (child === parent) return;
  if (child.children.length > 0)
    for (let above: Place | null = parent; above !== null; above = above.parent) if (above === child) return;
  child.parent = parent;
  parent.children.push(child);
}

function unlink(place: Place): void {
  if (place.parent === null) return;
  place.parent.children = place.parent.children.filter((child) => child !== place);
  place.parent = null;
}
