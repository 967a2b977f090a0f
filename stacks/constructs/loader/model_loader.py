"""The loader: the functions between an upload and a published model."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.functions.destination import to_function, to_queue
from stacks.constructs.functions.image_function import ImageFunction
from stacks.constructs.functions.keep_alive import NO_UPLOADS, KeepAlive
from stacks.constructs.functions.reserved_concurrency import reserve
from stacks.constructs.functions.serving_image import image_name
from stacks.constructs.loader.bucket_access import grant_read, notify
from stacks.constructs.loader.dispatcher import Dispatcher
from stacks.constructs.loader.failures_queue import FailuresQueue
from stacks.constructs.loader.loader_function import LoaderFunction
from stacks.constructs.loader.notices import Notices
from stacks.constructs.network.network import Network
from stacks.constructs.storage.model_store import MOUNT_PATH, ModelStore
from stacks.settings.settings import Settings

# Network bandwidth grows with memory; 1,769 MB is one whole processor.
TRANSFER_MEMORY_MB = 1769


class ModelLoader(Construct):
    """The chain stage → dispatcher → preparer → publish → notices, which the bucket starts.

    Attributes:
        stage: copies an upload to the file system.
        dispatcher: starts a preparer for each upload.
        preparer: loads and checks the upload.
        publish: makes the upload the served version, or records the reason against it.
        reconcile: compares bucket and file system on a schedule, and starts missing uploads.
        failures: keeps the events that `publish` could not handle.
        notices: tells subscribers the results of `publish`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        bucket: s3.IBucket,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._network = network
        self._model_store = model_store
        self._settings = settings
        self.stage = self._stage()
        self.preparer = self._preparer()
        self.publish = self._publish()
        self.reconcile = self._reconcile(bucket)
        self.dispatcher = self._dispatcher()
        self.failures = FailuresQueue(self, "Failures", key=key)
        self.notices = Notices(self, "Notices", failures=self.failures, key=key, settings=settings)
        self._chain()
        grant_read(self.stage, bucket, "s3:ListBucket")
        notify(self.stage, bucket)
        grant_read(self.reconcile, bucket, "s3:ListBucket", "s3:ListBucketVersions")
        self._schedule()
        if settings.loader_concurrency is not None:
            reserve(self.stage.function, settings.loader_concurrency)
            reserve(self.preparer.function, settings.loader_concurrency)

    def _stage(self) -> LoaderFunction:
        return self._loader_function(
            "Stage",
            handler="loader.handler.stage",
            memory_mb=TRANSFER_MEMORY_MB,
            environment={
                "MAX_MODEL_BYTES": str(self._settings.max_model_bytes),
                "KEY_LAYOUTS": ",".join(self._settings.key_layouts),
                "IMAGE": image_name(self._settings.architecture, self._settings.environments),
            },
        )

    def _preparer(self) -> ImageFunction:
        return ImageFunction(
            self,
            "Preparer",
            handler="preparer.handler.handler",
            timeout=Duration.minutes(15),
            environment={
                "CANDIDATES_DIR": MOUNT_PATH,
                "TRUSTED_FORMATS": ",".join(self._settings.trusted_formats),
                "COMPILE_SECONDS": str(self._settings.compile_seconds),
                "OWN_CODE": self._settings.own_code,
            },
            filesystem=self._model_store.mount(self._model_store.candidates, writable=True),
            network=self._network,
            settings=self._settings,
        )

    def _publish(self) -> LoaderFunction:
        return self._loader_function(
            "Publish",
            handler="loader.handler.publish",
            memory_mb=512,
            environment={
                "RETAIN_VERSIONS": str(self._settings.retain_versions),
                "REFUSED_PAGE": self._settings.refused_page,
                "KEY_LAYOUTS": ",".join(self._settings.key_layouts),
            },
        )

    def _reconcile(self, bucket: s3.IBucket) -> LoaderFunction:
        return self._loader_function(
            "Reconcile",
            handler="loader.handler.reconcile",
            memory_mb=TRANSFER_MEMORY_MB,
            environment={
                "BUCKET_NAME": bucket.bucket_name,
                "MAX_MODEL_BYTES": str(self._settings.max_model_bytes),
                "KEY_LAYOUTS": ",".join(self._settings.key_layouts),
                "IMAGE": image_name(self._settings.architecture, self._settings.environments),
                "RESTORE_CONCURRENCY": str(self._settings.restore_concurrency),
            },
        )

    def _dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self,
            "Dispatcher",
            preparer=self.preparer.function,
            publish=self.publish.function,
            settings=self._settings,
        )

    def _loader_function(
        self, construct_id: str, *, handler: str, memory_mb: int, environment: Mapping[str, str]
    ) -> LoaderFunction:
        return LoaderFunction(
            self,
            construct_id,
            handler=handler,
            memory_mb=memory_mb,
            environment=environment,
            network=self._network,
            model_store=self._model_store,
            settings=self._settings,
        )

    def _chain(self) -> None:
        to_dispatcher = to_function(self.dispatcher.function)
        to_publish = to_function(self.publish.function)
        to_failures = to_queue(self.failures)
        self.stage.function.configure_async_invoke(
            retry_attempts=2, on_success=to_dispatcher, on_failure=to_publish
        )
        self.reconcile.function.configure_async_invoke(
            retry_attempts=0,
            on_success=to_dispatcher,
            on_failure=to_failures,
        )
        self.dispatcher.function.configure_async_invoke(retry_attempts=2, on_failure=to_failures)
        self.dispatcher.let_go_on(self.reconcile.function)
        # A model that failed to load once mostly fails again minutes later: one retry is enough.
        self.preparer.function.configure_async_invoke(
            retry_attempts=1, on_success=to_publish, on_failure=to_publish
        )
        self.publish.function.configure_async_invoke(
            retry_attempts=2,
            on_success=to_function(self.notices.function),
            on_failure=to_failures,
        )

    def _schedule(self) -> None:
        events.Rule(
            self,
            "Schedule",
            schedule=events.Schedule.rate(Duration.hours(self._settings.reconcile_hours)),
            targets=[targets.LambdaFunction(self.reconcile.function)],
        )
        # Its result goes through the whole chain.
        KeepAlive(self, "KeepAlive", functions=[self.stage.function], event=NO_UPLOADS)
