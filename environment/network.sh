# Sourced by the steps of the Dockerfile that download: Go and pip use the certificates of the secret, in that step alone.
if [ -s /run/secrets/certificates ]; then
	export SSL_CERT_FILE=/run/secrets/certificates PIP_CERT=/run/secrets/certificates
fi
