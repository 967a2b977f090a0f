"""Text generation: the tokens are those of transformers, alone and in company."""

import http.client
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip(
    "torch", reason="torch is missing; install it with: make .venv/.generation"
)

from safetensors.torch import load_file, save_file
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2ForSequenceClassification,
)

from container import generation, settings
from container.generation import placement, routes
from container.generation.decoding import Job
from container.streaming import Stream
from serving.api.routing import Request, Response, dispatch
from serving.errors import BadRequest, SignatureMismatch
from tests.lambdas.container import tiny_gpt
from tests.lambdas.container.server import serving, until

pytestmark = pytest.mark.slow
SMALL_BERT = BertConfig(
    vocab_size=257, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
)
SAMPLED = {"do_sample": True, "temperature": 0.8, "top_k": 40, "top_p": 0.95}
CASES: list[dict[str, Any]] = [
    {"max_new_tokens": 20},
    {"max_new_tokens": 20, "num_return_sequences": 3, "seed": 1, **SAMPLED},
    {"max_new_tokens": 5, "seed": 2, "do_sample": True},
    {"max_new_tokens": 30, "seed": 3, "do_sample": True, "top_k": 0, "min_p": 0.01},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gpt.save(tmp_path_factory.mktemp("gpt"))


@pytest.fixture(scope="module")
def group(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> routes.Routes:
    return loaded(folder, tmp_path_factory.mktemp("scratch"))


def loaded(folder: Path, scratch: Path) -> routes.Routes:
    variables = {"MODELMOUNT_SCRATCH_DIR": str(scratch), "MODELMOUNT_THREADS": "1"}
    return routes.load(folder, settings.read(variables))


def ask(group: routes.Routes, text: str, **parameters: Any) -> Response:
    body = json.dumps({"text": text, "parameters": parameters}).encode()
    answer = dispatch(group.routes, Request("POST", "/invocations", {}, body))
    assert isinstance(answer, Response)
    return answer


def generated(group: routes.Routes, text: str, **parameters: Any) -> Any:
    return json.loads(ask(group, text, return_tokens=True, **parameters).body)


@pytest.mark.parametrize("parameters", CASES)
def test_tokens_are_those_of_transformers(
    group: routes.Routes, folder: Path, parameters: dict[str, Any]
) -> None:
    answer = generated(group, "Once upon", **parameters)
    expected = tiny_gpt.by_transformers(folder, "Once upon", **parameters)
    assert answer["tokens"] == expected
    decode = AutoTokenizer.from_pretrained(folder).decode
    assert answer["predictions"] == [decode(row, skip_special_tokens=True) for row in expected]


def test_in_company_tokens_are_the_same(
    group: routes.Routes, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = [
        ("x" * (1 + 7 * (index % 5)), {**CASES[index % len(CASES)], "seed": index})
        for index in range(12)
    ]
    alone = [generated(group, text, **parameters) for text, parameters in queries]
    widths: list[int] = []
    run = group._generator._batcher._answer

    def watched(jobs: list[Job]) -> Any:
        widths.append(len(jobs))
        return run(jobs)

    monkeypatch.setattr(group._generator._batcher, "_answer", watched)
    with ThreadPoolExecutor(12) as threads:
        together = [*threads.map(lambda asked: generated(group, asked[0], **asked[1]), queries)]
    assert together == alone
    assert max(widths) > 1


def test_without_a_seed_draws_differ(group: routes.Routes) -> None:
    answers = {
        str(generated(group, "a", max_new_tokens=20, do_sample=True)["tokens"]) for _ in range(3)
    }
    assert len(answers) == 3


def test_an_answer_ends_before_a_stop(group: routes.Routes) -> None:
    whole = generated(group, "a", max_new_tokens=40, seed=5, **SAMPLED)["predictions"][0]
    stop = whole[10:12]
    (text,) = generated(group, "a", max_new_tokens=40, seed=5, stop=[stop], **SAMPLED)[
        "predictions"
    ]
    assert text == whole[: whole.index(stop)]
    full = ask(group, "a", max_new_tokens=40, seed=5, return_full_text=True, **SAMPLED)
    assert json.loads(full.body) == {"predictions": ["a" + whole]}


def events(stream: Response) -> list[Any]:
    assert isinstance(stream, Stream)
    return [json.loads(piece.removeprefix(b"data: ")) for piece in iter(stream.next, None)]


@pytest.mark.parametrize("stop", [[], ["e", "  "]])
def test_pieces_make_up_the_whole(group: routes.Routes, stop: list[str]) -> None:
    parameters = {"max_new_tokens": 40, "num_return_sequences": 2, "seed": 6, **SAMPLED}
    *pieces, last = events(ask(group, "ab", stream=True, stop=stop, **parameters))
    told = [
        "".join(piece["text"] for piece in pieces if piece["index"] == index) for index in range(2)
    ]
    assert told == last["predictions"]
    assert last == json.loads(ask(group, "ab", stop=stop, **parameters).body)


def test_a_stream_that_nobody_reads_ends(group: routes.Routes) -> None:
    stream = ask(group, "a", stream=True, max_new_tokens=100, seed=0, do_sample=True)
    assert isinstance(stream, Stream)
    stream.close()
    *_, last = events(stream)
    assert len(last["predictions"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "$"),
        ({"text": ""}, "$.text"),
        ({"text": "a", "parameters": {"max_tokens": 1}}, "$.parameters"),
        ({"text": "a", "parameters": {"temperature": 0}}, "$.parameters.temperature"),
        (
            {"text": "a", "parameters": {"num_return_sequences": 65}},
            "$.parameters.num_return_sequences",
        ),
    ],
)
def test_mistakes_are_named(group: routes.Routes, body: Any, field: str) -> None:
    request = Request("POST", "/invocations", {}, json.dumps(body).encode())
    with pytest.raises(BadRequest) as refused:
        dispatch(group.routes, request)
    assert refused.value.field == field


def test_what_the_model_has_no_room_for_is_refused(group: routes.Routes) -> None:
    with pytest.raises(SignatureMismatch, match="128"):
        ask(group, "a" * 128)
    with pytest.raises(SignatureMismatch, match="128"):
        ask(group, "a" * 100, max_new_tokens=29)
    assert len(generated(group, "a" * 100)["tokens"][0]) <= 28


def test_weights_of_older_versions_load(folder: Path, group: routes.Routes, tmp_path: Path) -> None:
    older = tiny_gpt.save(tmp_path / "older", as_bin=True)
    assert not (older / "model.safetensors").exists()
    assert generation.is_generator(older)
    assert generated(loaded(older, tmp_path), "a", **CASES[0]) == generated(group, "a", **CASES[0])


@pytest.mark.parametrize(
    "model",
    [
        BertForSequenceClassification(SMALL_BERT),
        BertForMaskedLM(SMALL_BERT),
        BertModel(SMALL_BERT),
        # Its weights fit a generator, whose head is its input embeddings.
        GPT2ForSequenceClassification(GPT2Config(n_embd=8, n_layer=1, n_head=1, vocab_size=257)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_generates_no_text_is_refused(model: Any, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    tiny_gpt.tokenizer().save_pretrained(tmp_path)
    with pytest.raises(BadRequest, match=rf"{type(model).__name__}, which generates no text"):
        loaded(tmp_path, tmp_path)


def test_weights_that_are_missing_are_never_drawn(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    weights = load_file(folder / "model.safetensors")
    del weights["transformer.h.0.attn.c_attn.weight"]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        BadRequest, match=r"lacks weights .* transformer\.h\.0\.attn\.c_attn\.weight"
    ):
        loaded(tmp_path, tmp_path)


def test_the_folders_own_configuration_counts(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "generation_config.json"
    own = {"max_length": 50, "num_return_sequences": 3, "do_sample": True}
    file.write_text(json.dumps({**json.loads(file.read_text()), **own}))
    group = loaded(tmp_path, tmp_path)
    answer = generated(group, "Once upon", seed=4)
    expected = tiny_gpt.by_transformers(folder, "Once upon", seed=4, **own)
    assert answer["tokens"] == expected
    assert len(expected) == 3
    prompt = len("Once upon")
    assert max(map(len, generated(group, "Once upon", max_length=20)["tokens"])) <= 20 - prompt
    assert len(generated(group, "Once upon", max_length=20, max_new_tokens=30)["tokens"][0]) <= 30
    with pytest.raises(
        SignatureMismatch, match=r"The text has 9 tokens, and max_length"
    ) as refused:
        ask(group, "Once upon", max_length=9)
    assert refused.value.field == "$.parameters.max_length"


@pytest.mark.parametrize(("takes_bf16", "half"), [(True, torch.bfloat16), (False, torch.float16)])
def test_half_precision_where_the_device_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes_bf16: bool, half: Any
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert placement.place(tmp_path) == ("cpu", torch.float32)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: takes_bf16)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(placement, "_claimed", [])
    assert placement.place(tmp_path) == ("cuda:0", half)
    (held,) = placement._claimed
    held.close()


def test_over_http_whole_and_in_pieces(folder: Path, group: routes.Routes, tmp_path: Path) -> None:
    expected = json.loads(ask(group, "Zürich", **CASES[1]).body)
    with serving(tmp_path, folder) as server:
        until(lambda: server.ping() == 200, server)
        assert server.invoke({"text": "Zürich", "parameters": CASES[1]}).json == expected
        body = json.dumps({"text": "Zürich", "parameters": {**CASES[1], "stream": True}})
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("POST", "/invocations", body.encode())
        answer = connection.getresponse()
        assert answer.headers["content-type"] == "text/event-stream"
        told = answer.read().decode().strip().split("\n\n")
        connection.close()
    assert len(told) > 2
    assert json.loads(told[-1].removeprefix("data: ")) == expected


def test_without_its_packages_it_says_how_to_get_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "container.generation.routes")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BadRequest, match=r"torch isn't installed.*--build-arg GENERATION=cuda"):
        generation.load_routes(folder, settings.read({}))
