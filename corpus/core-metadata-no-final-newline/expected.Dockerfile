FROM python:3.11-slim

RUN pip install idna==3.7

CMD ["python"]

ARG BUILD_DATE

LABEL built=$BUILD_DATE