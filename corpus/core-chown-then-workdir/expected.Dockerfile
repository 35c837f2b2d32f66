FROM python:3.11-slim
RUN useradd --create-home app
USER app
COPY --chown=app requirements.txt /srv/x/
WORKDIR /srv/x
RUN pip install --quiet --user -r requirements.txt
COPY --chown=app . /srv/x
CMD ["python", "server.py"]
