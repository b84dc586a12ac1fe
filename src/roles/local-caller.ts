/** Another process of this host, by its local socket: connected to when it is first asked, and again after it was away. */
import { connectLocal, type LocalClient } from '#/net/index.ts';
import type { RemoteCaller } from '#/store/remote/index.ts';

export class LocalCaller implements RemoteCaller, AsyncDisposable {
  readonly #path: string;
  #client: Promise<LocalClient> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async call(method: string, args: unknown, call: Parameters<LocalClient['call']>[2]): Promise<unknown> {
    const client = await this.#connected();
    return client.call(method, args, call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#client?.catch(() => null))?.[Symbol.asyncDispose]();
  }

  #connected(): Promise<LocalClient> {
    this.#client ??= connectLocal(this.#path).catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }
}
