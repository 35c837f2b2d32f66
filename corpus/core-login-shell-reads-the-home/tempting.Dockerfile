FROM python:3.11-slim
SHELL ["/bin/bash", "-lc"]
RUN pip install --quiet six==1.16.0
COPY home/ /root/
CMD ["python", "server.py"]
