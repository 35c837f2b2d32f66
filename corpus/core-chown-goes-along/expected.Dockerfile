FROM python:3.11-slim
RUN useradd --create-home app
USER app
WORKDIR /home/app/service
COPY --chown=app:app requirements.txt .
RUN pip install --quiet --user -r requirements.txt
COPY --chown=app:app . .
CMD ["python", "server.py"]
