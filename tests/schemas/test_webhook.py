"""Signatures are those of Standard Webhooks: of its own example, and of its own library."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.receiving.signature import is_signed, read_signed
from schemas.webhook import read_secret, sign

OLD, NEW = "whsec_c2l4dGVlbiBmZXJyaWVz", "whsec_c2V2ZW50ZWVuIGZlcnJpZXM="


def test_the_example_of_the_specification_has_its_signature() -> None:
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secrets", [[OLD], [OLD, NEW]], ids=["one secret", "two"])
def test_the_library_and_the_receiving_side_verify_each_secret_and_no_other(secrets: list[str]) -> None:
    body, now = '{"title":"عودة العبّارة"}'.encode(), int(datetime.now(UTC).timestamp())
    headers = sign("article_1", now, body, [read_secret(secret) for secret in secrets])
    signed = read_signed(headers, now)
    assert signed is not None
    for secret in (OLD, NEW):
        assert is_signed(signed, body, read_secret(secret)) == (secret in secrets)
        if secret in secrets:
            assert Webhook(secret).verify(body, headers) == {"title": "عودة العبّارة"}
        else:
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body + b" ", headers)
