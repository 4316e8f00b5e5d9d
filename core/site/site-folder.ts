import { join } from 'node:path';

/** Where everything of a site lies; nothing else knows a path inside the data folder. */
export function siteFolder(folder: string) {
  return {
    folder,
    /** Written last by `init`: without it the folder is no site. */
    config: join(folder, 'tongbu.yaml'),
    node: join(folder, 'site.db'),
    hub: join(folder, 'hub.db'),
    /** Received logs, one file an origin. */
    ledger: join(folder, 'ledger'),
    /** Record tables made from them; may be deleted while the site is stopped. */
    records: join(folder, 'records'),
    seal: join(folder, 'seal'),
    /** Certificate of the sealed site, with its key. */
    gate: join(folder, 'tls', 'gate'),
    /** Certificate of the open site; its key is in the ring. */
    data: join(folder, 'tls', 'data'),
    /** Certificate towards the hub above, where that has another authority. */
    uplink: join(folder, 'tls', 'uplink'),
    /** Keys of the hub above, as it gave them at enrolment. */
    anchor: join(folder, 'tls', 'anchor.json'),
    /** Identities of persons, to be handed over. */
    people: join(folder, 'people'),
    spool: join(folder, 'spool'),
    logs: join(folder, 'logs'),
    /** Ports and process id while the site runs. */
    run: join(folder, 'run.json'),
  } as const;
}

export type SiteFolder = ReturnType<typeof siteFolder>;
