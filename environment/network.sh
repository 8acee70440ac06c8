# Read by the Dockerfile's steps that fetch: certificates that were given as a secret hold for Go and pip in that step alone.
if [ -s /run/secrets/certificates ]; then
	export SSL_CERT_FILE=/run/secrets/certificates PIP_CERT=/run/secrets/certificates
fi
