"""The user pool for `auth=cognito`, where the setting `user_pool_arn` names none."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from stacks.constructs.security.findings import accept


class UserPool(Construct):
    """A pool that administrators fill, and a client that signs its users in.

    Attributes:
        pool: the users, who outlive the stack.
        client: the client with which an application signs users in.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_symbols=True,
                require_uppercase=True,
                temp_password_validity=Duration.days(3),
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        accept(
            self.pool,
            {"AwsSolutions-COG8": "The Plus plan is charged by user: for a pool of one's own."},
        )
        self.client = self.pool.add_client(
            "Client",
            # Programs use SRP, which no command line does. Who has the right to manage users of the
            # pool may also sign one in by password.
            auth_flows=cognito.AuthFlow(user_srp=True, admin_user_password=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            id_token_validity=Duration.hours(1),
        )
