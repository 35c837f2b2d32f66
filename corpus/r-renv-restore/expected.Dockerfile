FROM rocker/r-ver:4.4.1
WORKDIR /app
RUN R -e "install.packages('renv')"
COPY renv.lock .Rprofile ./
COPY renv/activate.R renv/settings.json renv/
RUN Rscript -e 'renv::restore()'
COPY . .
CMD ["Rscript", "main.R"]
