/** `ports/intake.ts` over cells: each tenant's mail comes in by the door of its cell. */
import { type ArrivedMail, type Call, Fault, type TenantId } from '#/model/index.ts';
import type { Intake, IntakeRoom } from '#/ports/index.ts';
import type { Cells } from './cell.ts';

/** The doors of all cells; `doorOf` gives null while a cell is away. */
export function cellsIntake(cells: Cells, doorOf: (cell: string) => Intake | null): Intake {
  return new CellsIntake(cells, doorOf);
}

const AWAY: IntakeRoom = { open: false, why: 'store' };

class CellsIntake implements Intake {
  readonly #cells: Cells;
  readonly #doorOf: (cell: string) => Intake | null;

  constructor(cells: Cells, doorOf: (cell: string) => Intake | null) {
    this.#cells = cells;
    this.#doorOf = doorOf;
  }

  room(tenant?: TenantId): IntakeRoom {
    if (tenant === undefined) return this.#anyRoom();
    const home = this.#cells.homeOf(tenant);
    return (home === null ? null : this.#doorOf(home.name))?.room(tenant) ?? AWAY;
  }

  async accept(mails: readonly ArrivedMail[], call: Call): Promise<void> {
    const homes = new Set(mails.map(({ tenant }) => this.#cells.homeOf(tenant)));
    const [home = null] = homes;
    if (homes.size > 1) throw new TypeError('The mails of one transaction are of one cell.');
    const door = home === null ? null : this.#doorOf(home.name);
    if (door === null) throw new Fault('store.unavailable', home === null ? '' : `It is the cell ${home.name}.`);
    await door.accept(mails, call);
  }

  /** Before it is known whose mail it is: one open door is enough. */
  #anyRoom(): IntakeRoom {
    let closed: IntakeRoom = AWAY;
    for (const { name } of this.#cells.all) {
      const room = this.#doorOf(name)?.room() ?? AWAY;
      if (room.open) return room;
      // A process that drains says so; a full disk is told before a store that is merely away.
      if (room.why === 'closing' || (!closed.open && closed.why === 'store')) closed = room;
    }
    return closed;
  }
}
