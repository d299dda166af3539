"""The least that Litestar and uvicorn can do with an article: read it and answer."""

import os

import uvicorn
from litestar import Litestar, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED

from schemas.article import Article
from schemas.settings import Settings


@post("/", status_code=HTTP_202_ACCEPTED)
async def take(data: JSONBody[Article]) -> dict[str, str | None]:
    """Answer with something of the article."""
    return {"external_id": data.external_id}


if __name__ == "__main__":
    app = Litestar([take], logging_config=None, openapi_config=None)
    uvicorn.run(app, port=Settings.from_environment(os.environ).port)
