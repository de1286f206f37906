"""What one would write instead of a receiver: extract, guess the language, append to a file, answer."""

import json
import sys
from pathlib import Path

import trafilatura
from aiohttp import web
from langdetect import DetectorFactory, LangDetectException, detect


def serve(port: int, out: Path) -> None:
    """Take articles until the process is ended."""
    DetectorFactory.seed = 0

    async def take(request: web.Request) -> web.Response:
        article = await request.json()
        text = trafilatura.extract(article["html"]) if "html" in article else article["text"]
        try:
            language = detect(text or "")
        except LangDetectException:
            language = None
        with out.open("a") as file:
            file.write(json.dumps({"url": article["url"], "text": text, "language": language}) + "\n")
        return web.json_response({}, status=202)

    app = web.Application()
    app.router.add_post("/articles", take)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
