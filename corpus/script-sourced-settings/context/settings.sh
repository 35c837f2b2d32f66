# Shared by the image and by developers.
export STAGE=production
