from serving.api.application import Application, Request
from tests.lambdas.serving.api.headers.fetch import allows, preflight

PAGE = "https://app.example"
ASKED = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}


def test_a_page_may_send_any_header_by_any_method(application: Application) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        sent = {"x-own": "1", "content-encoding": "gzip", "authorization": "Bearer x"}
        request = Request("OPTIONS", "/inference", preflight(PAGE, method, sent))
        response = application.respond(request)
        assert response.status == 204
        assert allows(response.headers, PAGE, method, sent)


def test_a_preflight_passes_on_every_path_so_that_the_page_reads_the_error(
    application: Application,
) -> None:
    response = application.respond(Request("OPTIONS", "/nowhere", ASKED))
    assert response.status == 204
    assert response.headers["access-control-allow-origin"] == "*"


def test_other_requests_for_options_get_the_methods(application: Application) -> None:
    response = application.respond(Request("OPTIONS", "/models"))
    assert (response.status, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert application.respond(Request("OPTIONS", "/nowhere")).status == 404


def test_errors_and_packed_answers_can_be_read_too(application: Application) -> None:
    accepted = {"Origin": PAGE, "Accept-Encoding": "gzip"}
    for path, status in (("/nowhere", 404), ("/openapi.json", 200)):
        response = application.respond(Request("GET", path, accepted))
        assert response.status == status
        assert response.headers["access-control-allow-origin"] == "*"
        assert "Retry-After" in response.headers["access-control-expose-headers"]


def test_what_depends_on_several_headers_says_so(application: Application) -> None:
    few = Application(application._service, allowed_origins=(PAGE,), max_answer_bytes=2**20)
    headers = {"Origin": PAGE, "Accept-Encoding": "gzip"}
    response = few.respond(Request("GET", "/openapi.json", headers))
    assert response.headers["vary"] == "origin, accept-encoding"
    assert few.respond(Request("GET", "/models")).headers["vary"] == "origin"
    assert not allows(few.respond(Request("OPTIONS", "/models", ASKED)).headers, "https://b", "GET")
