/** Where something stands in the log: one whole number that a row can hold, and whose order is the order of time. */

/** Octets that a segment could have; real ones end far below. */
const SPAN = 2 ** 32;

export type Place = number;

export function placeAt(segment: number, offset: number): Place {
  return segment * SPAN + offset;
}

export function segmentOf(place: Place): number {
  return Math.floor(place / SPAN);
}

export function offsetOf(place: Place): number {
  return place % SPAN;
}

/** The first place of the segment that follows. */
export function nextSegment(place: Place): Place {
  return placeAt(segmentOf(place) + 1, 0);
}

/** For people: the file, and where in it. */
export function placeText(place: Place): string {
  return `segment ${segmentOf(place)}, octet ${offsetOf(place)}`;
}
