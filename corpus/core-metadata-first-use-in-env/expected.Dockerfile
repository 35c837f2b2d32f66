FROM python:3.11-slim
RUN pip install idna==3.7
ARG GIT_SHA
ENV APP_REVISION=$GIT_SHA
CMD ["python"]
