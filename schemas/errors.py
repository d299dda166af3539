"""Domain errors: what can go wrong, said without HTTP.

`code` is stable and for programs; the message is for people and says what to do. `api.problems` maps
them to HTTP, `workers.jobs` to the `error` of a job.
"""

from typing import ClassVar

from schemas.access import Allowance


class TocsinError(Exception):
    """Something that Tocsin expects to go wrong now and then."""

    code: ClassVar[str] = "error"


class InvalidArticleError(TocsinError):
    """An article that cannot be accepted; `pointer` is the JSON Pointer of the field at fault."""

    code = "invalid_article"

    def __init__(self, detail: str, pointer: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class MalformedArticleError(TocsinError):
    """What was sent for an article is not JSON; the message says where it ceases to be."""

    code = "malformed_json"


class InvalidBatchError(TocsinError):
    """What was sent for a batch is JSON, but not a list of articles."""

    code = "invalid_batch"


class BatchTooLargeError(TocsinError):
    """A batch of more articles than are accepted at a time."""

    code = "batch_too_large"


class BatchNotFoundError(TocsinError):
    """No such batch: it never was, was forgotten, or its retention is over."""

    code = "batch_not_found"


class JobNotFoundError(TocsinError):
    """No such job: it never was, was forgotten, or its retention is over."""

    code = "job_not_found"


class JobNotFinishedError(TocsinError):
    """The job's records were asked for before there were any."""

    code = "job_not_finished"


class JobFailedError(TocsinError):
    """The records of a job were asked for that failed or was cancelled."""

    code = "job_failed"


class IdempotencyKeyError(TocsinError):
    """An `Idempotency-Key` that is none."""

    code = "malformed_idempotency_key"


class KeyReusedError(TocsinError):
    """An `Idempotency-Key` came with another body than before."""

    code = "idempotency_key_reused"


class RequestInProgressError(TocsinError):
    """The first request with an `Idempotency-Key` is not answered yet."""

    code = "request_in_progress"


class InvalidWebhookError(TocsinError):
    """A webhook that cannot be had like this; `pointer` is the JSON Pointer of the field at fault."""

    code = "invalid_webhook"

    def __init__(self, detail: str, pointer: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class WebhookNotFoundError(TocsinError):
    """No such webhook."""

    code = "webhook_not_found"


class DeliveryNotFoundError(TocsinError):
    """No such delivery to the webhook: it never was, or its retention is over."""

    code = "delivery_not_found"


class WebhookDisabledError(TocsinError):
    """Something was to be sent to a webhook that is sent nothing."""

    code = "webhook_disabled"


class SecretMissingError(TocsinError):
    """There is nothing to derive the secrets of webhooks from; the message names the setting."""

    code = "webhooks_unavailable"


class RefusedTargetError(TocsinError):
    """An address that no webhook may go to; the message says why."""

    code = "refused_target"


class InvalidSecretError(TocsinError):
    """What was given for the secret of a webhook is none."""

    code = "invalid_secret"


class KeyMissingError(TocsinError):
    """The service asks for an API key, and none was shown."""

    code = "key_missing"


class KeyInvalidError(TocsinError):
    """What was shown is no key of this service: it never was, was revoked or rotated, or has expired."""

    code = "key_invalid"


class ScopeMissingError(TocsinError):
    """The API key does not allow this; the message names the scope that would."""

    code = "scope_missing"


class QuotaExceededError(TocsinError):
    """The key was used too often of late; the allowance says when it can be used again."""

    code = "quota_exceeded"

    def __init__(self, allowance: Allowance) -> None:
        quota = allowance.quota
        super().__init__(
            f"The quota of this key, {quota.requests} {quota.name} requests in {quota.window} s, is used up; "
            f"{allowance.retry_after} s from now it is not."
        )
        self.allowance = allowance


class KeyNotFoundError(TocsinError):
    """There is no API key with this identifier."""

    code = "key_not_found"


class QueueUnavailableError(TocsinError):
    """Redis does not answer."""

    code = "queue_unavailable"


class ModelError(TocsinError):
    """A model is missing or damaged; the message names it and how to restore it."""

    code = "models_unavailable"


class KnowledgeError(TocsinError):
    """A knowledge file does not hold what its format demands; the message names file and entry."""

    code = "knowledge_invalid"


class SettingsError(TocsinError):
    """A setting has a value that cannot be used; the message names the variable."""

    code = "settings_invalid"


class ExtractionError(TocsinError):
    """The article cannot be coded; trying again would not help."""

    code = "extraction_failed"


class NoTextError(ExtractionError):
    """There is no article in what was sent."""

    code = "no_text"


class TextTooLongError(ExtractionError):
    """The article is longer than the limit."""

    code = "text_too_long"


class SentenceTooLongError(ExtractionError):
    """No sentence of the article is short enough to parse."""

    code = "sentence_too_long"


class UnsupportedLanguageError(ExtractionError):
    """The article is in a language that no models are installed for."""

    code = "unsupported_language"


class PublicationDateError(ExtractionError):
    """The article says that it was published on a day that cannot be."""

    code = "invalid_publication_date"
