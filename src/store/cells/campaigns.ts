/**
 * `ports/campaigns.ts` over cells: a campaign is the installation's own, as postmaster's mail is, and stands in the first cell; the mail that it is
 * about may be in any. While that cell is away nothing of campaigns is known, and a run waits.
 */
import type { Campaigns } from '#/ports/index.ts';
import type { Cells } from './cell.ts';

export function cellsCampaigns(cells: Cells): Campaigns {
  const ask = <T>(work: (campaigns: Campaigns) => Promise<T>): Promise<T> =>
    cells.ask(cells.first, ({ campaigns }) => work(campaigns));
  return {
    scope: (...given) => ask((campaigns) => campaigns.scope(...given)),
    draft: (...given) => ask((campaigns) => campaigns.draft(...given)),
    list: (...given) => ask((campaigns) => campaigns.list(...given)),
    show: (...given) => ask((campaigns) => campaigns.show(...given)),
    figures: (...given) => ask((campaigns) => campaigns.figures(...given)),
    items: (...given) => ask((campaigns) => campaigns.items(...given)),
    events: (...given) => ask((campaigns) => campaigns.events(...given)),
    move: (...given) => ask((campaigns) => campaigns.move(...given)),
    choose: (...given) => ask((campaigns) => campaigns.choose(...given)),
    open: (...given) => ask((campaigns) => campaigns.open(...given)),
    takeTurn: (...given) => ask((campaigns) => campaigns.takeTurn(...given)),
    record: (...given) => ask((campaigns) => campaigns.record(...given)),
    released: (...given) => ask((campaigns) => campaigns.released(...given)),
    forget: (...given) => ask((campaigns) => campaigns.forget(...given)),
    erase: (...given) => ask((campaigns) => campaigns.erase(...given)),
    [Symbol.asyncDispose]: async () => {},
  };
}
