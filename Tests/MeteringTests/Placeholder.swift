// placeholder: replaced below

