"""A client program in Python: client.py NAME, one of CLIENTS. See tests/README.md."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import httpx
import httpx2
import requests
from scout_auth import Signer
from scout_auth.aiohttp import ScoutMiddleware
from scout_auth.httpx import ScoutAuth
from scout_auth.httpx2 import ScoutAuth as Httpx2Auth
from scout_auth.urllib3 import ScoutPoolManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Send = Callable[..., Awaitable[int]]


@asynccontextmanager
async def by_requests(signer: Signer, _: str) -> AsyncIterator[Send]:
    with requests.Session() as session:
        session.auth = signer

        def send(method: str, url: str, body: str | None = None) -> int:
            return session.request(method, url, data=body, timeout=30).status_code

        yield in_threads(send)


@asynccontextmanager
async def by_httpx(signer: Signer, _: str) -> AsyncIterator[Send]:
    with httpx.Client(auth=ScoutAuth(signer), follow_redirects=True) as client:
        yield in_threads(sending(client))


@asynccontextmanager
async def by_async_httpx(signer: Signer, _: str) -> AsyncIterator[Send]:
    async with httpx.AsyncClient(auth=ScoutAuth(signer), follow_redirects=True) as client:
        yield sending_async(client)


@asynccontextmanager
async def by_httpx2(signer: Signer, _: str) -> AsyncIterator[Send]:
    with httpx2.Client(auth=Httpx2Auth(signer), follow_redirects=True) as client:
        yield in_threads(sending(client))


@asynccontextmanager
async def by_async_httpx2(signer: Signer, _: str) -> AsyncIterator[Send]:
    async with httpx2.AsyncClient(auth=Httpx2Auth(signer), follow_redirects=True) as client:
        yield sending_async(client)


@asynccontextmanager
async def by_aiohttp(signer: Signer, origin: str) -> AsyncIterator[Send]:
    async with aiohttp.ClientSession(middlewares=[ScoutMiddleware(signer, origin)]) as session:

        async def send(method: str, url: str, body: str | None = None) -> int:
            async with session.request(method, url, data=body) as response:
                await response.read()
                return response.status

        yield send


@asynccontextmanager
async def by_urllib3(signer: Signer, _: str) -> AsyncIterator[Send]:
    with ScoutPoolManager(signer, maxsize=8) as pool:

        def send(method: str, url: str, body: str | None = None) -> int:
            return pool.request(method, url, body=body).status

        yield in_threads(send)


def sending(client: httpx.Client | httpx2.Client) -> Callable[..., int]:
    return lambda method, url, body=None: client.request(method, url, content=body).status_code


def sending_async(client: httpx.AsyncClient | httpx2.AsyncClient) -> Send:
    async def send(method: str, url: str, body: str | None = None) -> int:
        return (await client.request(method, url, content=body)).status_code

    return send


def in_threads(send: Callable[..., int]) -> Send:
    return lambda *request: asyncio.to_thread(send, *request)


CLIENTS = {
    "requests": by_requests,
    "httpx": by_httpx,
    "async-httpx": by_async_httpx,
    "httpx2": by_httpx2,
    "async-httpx2": by_async_httpx2,
    "aiohttp": by_aiohttp,
    "urllib3": by_urllib3,
}


async def main(name: str) -> None:
    answers = []
    async with AsyncExitStack() as clients:
        while line := await asyncio.to_thread(sys.stdin.readline):
            number, call, *given = line.split()
            if call == "follow":
                origin, path, lifetime, refresh_margin = given
                signer = Signer.from_file(path, lifetime=int(lifetime), refresh_margin=int(refresh_margin))
                send = await clients.enter_async_context(CLIENTS[name](signer, origin))
                print(number, "ok", flush=True)
            else:
                answers.append(asyncio.create_task(answer(number, send(call, *given))))
        await asyncio.gather(*answers)


async def answer(number: str, status: Awaitable[int]) -> None:
    try:
        print(number, await status, flush=True)
    except Exception as error:  # noqa: BLE001 - the suite shows what it was
        print(number, getattr(error, "code", repr(error)), flush=True)


asyncio.run(main(sys.argv[1]))
