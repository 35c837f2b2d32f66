FROM continuumio/miniconda3
WORKDIR /app
RUN conda install -y -c conda-forge numpy=1.26 && conda clean -afy
COPY . .
CMD ["python", "main.py"]
