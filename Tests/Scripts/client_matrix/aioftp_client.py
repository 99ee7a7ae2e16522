"""aioftp, an asynchronous client that never resumes TLS sessions."""
import asyncio
import ssl

import aioftp

from driver import Driver
from ftplib_clients import VERSIONS


class AioFTP(Driver):
    name = "aioftp"
    source = "PyPI `aioftp`"
    settings = "`upgrade_to_tls()` before `login()`; implicit TLS: `Client(ssl=context)`; it cannot resume sessions: an account with `--data-binding address`"
    account = "oldsys"

    def __init__(self, place):
        super().__init__(place)
        self.loop = asyncio.new_event_loop()
        self.client = self.loop.run_until_complete(self.connect())

    async def connect(self):
        place = self.place
        context = ssl.create_default_context(cafile=place.authority)
        context.minimum_version = context.maximum_version = VERSIONS[place.tls]
        client = aioftp.Client(socket_timeout=20, connection_timeout=20, **({"ssl": context} if place.implicit else {}))
        await client.connect(place.host, place.port)
        if not place.implicit:
            await client.upgrade_to_tls(context)
        await client.login(place.user, place.password)
        if place.implicit:
            # aioftp asks for protected data connections only where it upgraded the control connection itself.
            await client.command("PBSZ 0", "200")
            await client.command("PROT P", "200")
        return client

    def run(self, work):
        return self.loop.run_until_complete(asyncio.wait_for(work, 35))

    def close(self):
        self.run(self.client.quit())
        self.loop.close()

    def put(self, local, remote):
        self.run(self.client.upload(local, remote, write_into=True))

    def get(self, remote, local):
        self.run(self.client.download(remote, local, write_into=True))

    def list(self, folder):
        return [path.name for path, _ in self.run(self.client.list(folder))]

    def rename(self, old, new):
        self.run(self.client.rename(old, new))

    def resume_put(self, local, remote):
        async def work():
            offset = int((await self.client.command(f"SIZE {remote}", "213"))[1][0])
            async with self.client.upload_stream(remote, offset=offset) as stream:
                await stream.write(local.read_bytes()[offset:])

        self.run(work())

    def resume_get(self, remote, local):
        async def work():
            with open(local, "ab") as target:
                async with self.client.download_stream(remote, offset=target.tell()) as stream:
                    async for block in stream.iter_by_block():
                        target.write(block)

        self.run(work())

    def delete(self, remote):
        self.run(self.client.remove_file(remote))

    def put_many(self, source, names, folder):
        for name in names:
            self.put(source / name, f"{folder}/{name}")

    def get_many(self, folder, names, target):
        for name in names:
            self.get(f"{folder}/{name}", target / name)

    async def side_by_side(self, action, names):
        async def run(part):
            client = await self.connect()
            for name in part:
                await action(client, name)
            await client.quit()

        await asyncio.gather(*[run(names[index::4]) for index in range(4)])

    def put_parallel(self, source, names, folder):
        self.run(self.side_by_side(lambda client, name: client.upload(source / name, f"{folder}/{name}", write_into=True), names))

    def get_parallel(self, folder, names, target):
        self.run(self.side_by_side(lambda client, name: client.download(f"{folder}/{name}", target / name, write_into=True), names))
