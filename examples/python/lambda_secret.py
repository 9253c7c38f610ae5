"""Prints the secret SCOUT_SECRET_ID, as the AWS Parameters and Secrets Lambda Extension has it.

It is the SCOUT_CREDENTIAL_COMMAND of lambda_function.py. The extension keeps a secret for up to five minutes, so
disable the old credential ten minutes after a rotation. This follows the documentation of AWS; it was not tried there.
"""

import json
import os
import sys
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

# The extension's port on this machine. No proxy may see the answer.
PORT = os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773")
URL = f"http://localhost:{PORT}/secretsmanager/get?secretId={quote(os.environ['SCOUT_SECRET_ID'], safe='')}"
TOKEN = {"X-Aws-Parameters-Secrets-Token": os.environ["AWS_SESSION_TOKEN"]}

with build_opener(ProxyHandler({})).open(Request(URL, headers=TOKEN), timeout=5) as response:
    sys.stdout.write(json.load(response)["SecretString"])
