FROM python:3.11-slim
RUN pip install six==1.16.0
ARG GIT_COMMIT
LABEL org.opencontainers.image.revision=$GIT_COMMIT
# dockerfile-fix: ignore[build-metadata-before-install] our scanner reads the labels in this order
LABEL com.example.commit=$GIT_COMMIT
WORKDIR /srv
COPY requirements.txt .
RUN pip install -r requirements.txt
